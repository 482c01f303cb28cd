import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin } from "vite";

const TEXTS = /\.(js|css|svg|json|webmanifest)$/;
const SMALL = 1024; // one packet, whether compressed or not

/**
 * Compresses what the build has written, as small as can be, once: `app.js` gets `app.js.br` and `app.js.gz` beside it,
 * which both servers look for (static_ui.py, nginx's gzip_static). The page itself differs from request to request.
 */
export function compression(): Plugin {
  let folder = "";
  return {
    name: "compression",
    apply: "build",
    configResolved: (config) => {
      folder = join(config.root, config.build.outDir);
    },
    closeBundle: () => {
      for (const name of readdirSync(folder, { recursive: true, encoding: "utf-8" })) {
        if (!TEXTS.test(name)) continue;
        const path = join(folder, name);
        const plain = readFileSync(path);
        if (plain.length < SMALL) continue;
        const params = {
          [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
          [constants.BROTLI_PARAM_SIZE_HINT]: plain.length,
        };
        writeFileSync(`${path}.br`, brotliCompressSync(plain, { params }));
        writeFileSync(`${path}.gz`, gzipSync(plain, { level: constants.Z_BEST_COMPRESSION }));
      }
    },
  };
}

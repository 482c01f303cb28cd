import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { compression } from "./build/compression.ts";
import { mantineStyles } from "./build/mantineStyles.ts";

/** Where `npm run dev` finds the API; the built UI always asks the origin that served it. */
const api = process.env.TASKER_API ?? "http://localhost:3000";

export default defineConfig({
  plugins: [react(), mantineStyles(), compression()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: { proxy: { "/api": api } },
  build: { target: "es2022", chunkSizeWarningLimit: 1200 },
  test: {
    environmentOptions: { jsdom: { url: "http://tasker.test/" } },
    restoreMocks: true,
    testTimeout: 60_000,
    maxWorkers: "100%", // by default one core stays idle
    projects: [
      { extends: true, test: { name: "logic", include: ["src/**/*.test.ts"], environment: "node" } },
      {
        extends: true,
        test: {
          name: "pages",
          include: ["src/**/*.test.tsx"],
          environment: "jsdom", // which takes seconds a file, as setup.ts does
          setupFiles: ["./src/testing/setup.ts"],
        },
      },
    ],
  },
});

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
    environment: "jsdom",
    environmentOptions: { jsdom: { url: "http://tasker.test/" } },
    setupFiles: ["./src/testing/setup.ts"],
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
    testTimeout: 60_000,
    maxWorkers: "100%", // by default one core stays idle
  },
});

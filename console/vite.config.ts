// The build that the server embeds (crates/server/build.rs), and `npm run dev` beside a desk that runs: `make demo`.

import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vitest/config";

const DESK = process.env.LINEDESK_DEV_URL ?? "http://127.0.0.1:8080";

/** The desk answers its own pages only, so what comes from this one is passed off as that. */
const AS_OWN_PAGE = { target: DESK, changeOrigin: true, headers: { origin: DESK } };

const COMPRESSIBLE = /\.(html|js|css|svg|json|webmanifest|txt)$/;
/** `url(x.woff) format("woff")` after another source, minified or not. */
const OLD_FONT = /,\s*url\([^)]*\.woff\)\s*format\((["']?)woff\1\)/g;

/** Every browser that runs the console reads woff2: without the older format the fonts are half as much. */
function withoutOldFonts(): Plugin {
  return {
    name: "linedesk:without-old-fonts",
    generateBundle(_, bundle) {
      for (const [name, file] of Object.entries(bundle)) {
        if (name.endsWith(".woff")) delete bundle[name];
        else if (file.type === "asset" && name.endsWith(".css")) {
          file.source = Buffer.from(file.source).toString().replace(OLD_FONT, "");
        }
      }
    },
  };
}

/** Writes `x.br` and `x.gz` beside each `x` that they make smaller, for the server to send. */
function compressed(): Plugin {
  return {
    name: "linedesk:compressed",
    apply: "build",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        for (const [name, file] of Object.entries(bundle)) {
          if (!COMPRESSIBLE.test(name)) continue;
          const plain = Buffer.from(file.type === "chunk" ? file.code : file.source);
          const brotli = brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } });
          const gzip = gzipSync(plain, { level: 9 });
          for (const [ending, source] of Object.entries({ br: brotli, gz: gzip })) {
            if (source.length < plain.length) this.emitFile({ type: "asset", fileName: `${name}.${ending}`, source });
          }
        }
        // The folder stays in the repository, for the server's build to watch.
        this.emitFile({ type: "asset", fileName: ".gitkeep", source: "" });
      },
    },
  };
}

export default defineConfig({
  plugins: [react(), withoutOldFonts(), compressed()],
  build: { target: "es2022", assetsInlineLimit: 0, sourcemap: false, modulePreload: { polyfill: false } },
  worker: {
    format: "iife",
    // Where the browser looks for what is new: always the same address.
    rolldownOptions: {
      output: { entryFileNames: ({ name }) => (name === "sw" ? "sw.js" : "assets/[name]-[hash].js") },
    },
  },
  server: { proxy: { "/api": { ...AS_OWN_PAGE, ws: true }, "/media": AS_OWN_PAGE } },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
    setupFiles: "src/testing/patience.ts",
    testTimeout: 60_000,
  },
});

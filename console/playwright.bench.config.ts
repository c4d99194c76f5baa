// The console's measurements: one at a time, so that they do not disturb each other.
import { defineConfig } from "@playwright/test";
import tests from "./playwright.config";

export default defineConfig({
  ...tests,
  testDir: "bench",
  testMatch: "*.bench.ts",
  workers: 1,
  reporter: [["line"]],
  use: { ...tests.use, trace: "off" },
});

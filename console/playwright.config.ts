// The browser's tests: the executable that cargo built, a simulated LINE, and Debian's chromium (or what
// LINEDESK_TEST_CHROMIUM names). No retries: a test that fails now and then has found something.
import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "e2e",
  outputDir: "../target/console-tests",
  fullyParallel: true,
  workers: 2,
  retries: 0,
  forbidOnly: process.env.CI === "true",
  timeout: 45_000,
  // The machine may be busy.
  expect: { timeout: 15_000 },
  reporter: [["list"]],
  use: {
    browserName: "chromium",
    locale: "en-US",
    timezoneId: "Asia/Bangkok",
    viewport: { width: 1360, height: 820 },
    contextOptions: { reducedMotion: "reduce" },
    trace: "retain-on-failure",
    video: "off",
    launchOptions: {
      executablePath: process.env.LINEDESK_TEST_CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});

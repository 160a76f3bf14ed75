import { defineConfig } from "@playwright/test";

export default defineConfig({
  globalSetup: "./tunnel.mjs",
  reporter: [["line"], ["json", { outputFile: "results.json" }]],
  use: {
    // Sites of a lab often have certificates of their own.
    ignoreHTTPSErrors: true,
    launchOptions: {
      // A Chromium of the system; leave it out to use Playwright's own.
      executablePath: process.env.CHROMIUM,
      args: ["--no-sandbox"],
    },
  },
});

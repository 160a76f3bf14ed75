import { TunnelService } from "sallyport/wdio";

export const config = {
  runner: "local",
  framework: "mocha",
  specs: ["./shop.spec.mjs"],
  reporters: ["spec"],
  logLevel: "error",
  maxInstances: 1,
  // A client tries a site for some seconds before it says why it cannot.
  mochaOpts: { timeout: 60_000 },
  services: [[TunnelService, {
    server: process.env.LAB_SERVER,
    user: process.env.LAB_USER,
    accessKey: process.env.SALLYPORT_ACCESS_KEY,
    name: "wdio-example",
    cacertFile: process.env.LAB_CA ? [process.env.LAB_CA] : [],
    proxyLocalhost: "allow",
    harDir: "har",
  }]],
  capabilities: [{
    browserName: "chrome",
    acceptInsecureCerts: true,
    "wdio:enforceWebDriverClassic": true,
    // Programs of the system; leave them out, and WebdriverIO fetches its own.
    "wdio:chromedriverOptions": { binary: process.env.CHROMEDRIVER },
    "goog:chromeOptions": {
      binary: process.env.CHROMIUM,
      args: ["--headless=new", "--no-sandbox"],
    },
  }],
};

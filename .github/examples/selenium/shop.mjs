import assert from "node:assert/strict";
import { Builder, By } from "selenium-webdriver";
import { Options, ServiceBuilder } from "selenium-webdriver/chrome.js";

const { CHROMEDRIVER, CHROMIUM, PROXY, SHOP_URL, SECURE_SHOP_URL } =
  process.env;

const options = new Options();
options.addArguments("--headless=new", "--no-sandbox");
options.setAcceptInsecureCerts(true);
if (CHROMIUM) options.setChromeBinaryPath(CHROMIUM);
options.setProxy({
  proxyType: "manual",
  httpProxy: PROXY,
  sslProxy: PROXY,
  // Chromium asks no proxy for loopback addresses by default.
  noProxy: ["<-loopback>"],
});

const builder = new Builder().forBrowser("chrome").setChromeOptions(options);
if (CHROMEDRIVER) builder.setChromeService(new ServiceBuilder(CHROMEDRIVER));
const driver = await builder.build();
try {
  await driver.get(SHOP_URL);
  assert.ok(await driver.findElement(By.css("body")).getText());
  await driver.get(SECURE_SHOP_URL);
} finally {
  await driver.quit();
}

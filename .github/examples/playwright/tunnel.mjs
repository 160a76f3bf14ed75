// Starts the tunnel before all tests, and stops it after them.
import { tunnelSetup } from "sallyport/playwright";

export default tunnelSetup({
  server: process.env.LAB_SERVER,
  user: process.env.LAB_USER,
  accessKey: process.env.SALLYPORT_ACCESS_KEY,
  name: "playwright-example",
  cacertFile: process.env.LAB_CA ? [process.env.LAB_CA] : [],
  proxyLocalhost: "allow",
});

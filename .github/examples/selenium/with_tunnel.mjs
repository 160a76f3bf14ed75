// node with_tunnel.mjs COMMAND…: runs tests of any language in a tunnel. They find
// a proxy that needs no login in PROXY, as host:port. If they fail, the failed
// requests follow with their reasons.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { startLocalProxy, startTunnel } from "sallyport";

const { LAB_SERVER, LAB_USER, LAB_CA, SALLYPORT_ACCESS_KEY } = process.env;
const [command, ...args] = process.argv.slice(2);

const tunnel = await startTunnel({
  server: LAB_SERVER,
  user: LAB_USER,
  accessKey: SALLYPORT_ACCESS_KEY,
  name: "selenium-example",
  cacertFile: LAB_CA ? [LAB_CA] : [],
  proxyLocalhost: "allow",
});
const proxy = await startLocalProxy(tunnel.proxy, {
  ...LAB_CA && { ca: [readFileSync(LAB_CA, "utf8")] },
});
proxy.setJob(`${command.replace(/\W+/g, "-")}-${process.pid}`);
const child = spawn(command, args, {
  stdio: "inherit",
  env: { ...process.env, PROXY: proxy.address },
});
const code = await new Promise((resolve) => {
  child.on("error", (error) => {
    console.error(error.message);
    resolve(1);
  });
  child.on("exit", (status, signal) => resolve(signal ? 1 : status));
});
if (code !== 0) {
  for (const { request, sentence } of proxy.failures) {
    console.error(`${request}: ${sentence}`);
  }
}
await proxy[Symbol.asyncDispose]();
await tunnel.stop({ timeout: 0 });
process.exitCode = code;

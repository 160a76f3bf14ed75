// node-saucelabs and WebdriverIO's Sauce service, as users have them. Both start
// a program "sc" of a version that they believe to have downloaded: ours.
// `node sauce_clients.mjs (saucelabs|wdio) PORT CA-FILE USER KEY SCRIPT`
import assert from "node:assert/strict";
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import https from "node:https";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { connect } from "node:tls";
import { pathToFileURL } from "node:url";

const [what, port, caFile, user, key, script] = process.argv.slice(2);
// The packages stand in another folder than this file.
const need = createRequire(join(process.env.NODE_PATH, "package.json"));
const SauceLabs = need("saucelabs").default;
const Loader = need("saucelabs/build/sauceConnectLoader").default;

const VERSION = `5.0.${process.pid}`;
const { path: program } = new Loader(VERSION);

// Every connection to api.us-west-1.saucelabs.com goes to our server.
const ca = readFileSync(caFile);
https.globalAgent.createConnection = (options) =>
  connect({
    ...options,
    host: "127.0.0.1",
    port: Number(port),
    servername: "localhost",
    ca,
  });

const api = new SauceLabs({ user, key, region: "us" });

mkdirSync(dirname(program), { recursive: true });
writeFileSync(program, script);
chmodSync(program, 0o755);
try {
  if (what === "saucelabs") await withSaucelabs();
  else await withWdio();
} finally {
  rmSync(dirname(program), { recursive: true });
}
process.exit(0);

async function withSaucelabs() {
  const first = await api.startSauceConnect({
    scVersion: VERSION,
    tunnelName: "lab",
    apiAddress: process.env.STATUS_ADDRESS,
    proxyLocalhost: "allow",
  });
  const [id, ...others] = await api.listTunnels(user);
  assert.deepEqual(others, []);
  const tunnel = await api.getTunnel(user, id);
  assert.equal(tunnel.status, "running");
  assert.equal(tunnel.tunnel_identifier, "lab");
  const all = await api.listAllTunnels({ full: true }).catch(() => undefined);
  if (all !== undefined) assert.ok(JSON.stringify(all).includes(id));
  const ended = new Promise((done) => first.cp.on("exit", done));
  await api.deleteTunnel(user, id, {
    reason: "the test is over",
    wait: false,
  });
  assert.equal(await ended, 3);
  assert.deepEqual(await api.listTunnels(user), []);
}

async function withWdio() {
  const { launcher: Launcher } = await import(
    pathToFileURL(
      join(process.env.NODE_PATH, "@wdio/sauce-service/build/index.js"),
    ).href
  );
  const capabilities = [{ browserName: "chrome" }];
  const launcher = new Launcher(
    {
      sauceConnect: true,
      sauceConnectOpts: {
        scVersion: VERSION,
        tunnelName: "lab",
        apiAddress: process.env.STATUS_ADDRESS,
      },
    },
    capabilities,
    { user, key, region: "us" },
  );
  await launcher.onPrepare({}, capabilities);
  assert.equal(capabilities[0]["sauce:options"].tunnelName, "lab");
  const [id] = await api.listTunnels(user);
  assert.equal((await api.getTunnel(user, id)).status, "running");
  await launcher.onComplete();
  assert.deepEqual(await api.listTunnels(user), []);
}

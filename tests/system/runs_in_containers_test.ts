/**
 * Promise: the image needs nothing but itself: no shell, no capability, no
 * writable file but those of its volume and of `/tmp`.
 */
import assert from "node:assert/strict";
import { startOrigin } from "../testing/origin.ts";
import { get } from "../testing/browser.ts";
import { needs } from "../testing/needs.ts";
import { CREDENTIALS, USER } from "../testing/user.ts";
import { type Container, CONTAINERS, Engine, readImage } from "./containers.ts";
import { ANY_PORTS, untilUp } from "./programs.ts";
import { tempPlugins } from "../plugin/temp_plugins.ts";

const OPTIONS = {
  ignore: CONTAINERS.ignore || needs("cat").ignore,
};
/** Milliseconds that a container may take until its program says something. */
const STARTS_WITHIN = 60_000;
const JSON_LOG = { SALLYPORT_LOG_FORMAT: "json" };
const SERVER_ENV = { ...JSON_LOG, SALLYPORT_USERS: `${USER.name}:${USER.key}` };

async function eventOf(
  { process }: Container,
  message: string,
): Promise<Readonly<Record<string, unknown>>> {
  const { fields } = await process.event(message, {}, { ms: STARTS_WITHIN });
  return fields;
}

Deno.test("the image sets no address of the status API, and its check is ready", async () => {
  const { env, user, entrypoint, healthcheck } = await readImage();

  assert.deepEqual(env, {
    PLATFORM: "container",
    SALLYPORT_DATA_DIR: "/var/lib/sallyport",
  });
  assert.equal(user, "65532:65532");
  assert.deepEqual(healthcheck, [entrypoint, "ready"]);
});

Deno.test(
  "in a root of nothing but itself and without /etc/hosts, demo --once tells its story",
  OPTIONS,
  async () => {
    await using engine = await Engine.start();
    await using demo = engine.start({
      args: ["demo", "--once"],
      hosts: "none",
    });

    const { code, stdout, stderr } = await demo.process.exit(STARTS_WITHIN);

    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /200 OK, \d+ bytes: "Hello from behind the firewall"/);
  },
);

Deno.test(
  "server, client and a plugin of a mounted folder run in containers, and end on SIGTERM",
  OPTIONS,
  async () => {
    await using plugins = await tempPlugins({
      "hello.ts": "export default { request: ({ url }) =>\n" +
        '  url.hostname === "hello.test" ? new Response("hi") : undefined };\n',
    });
    await Deno.chmod(plugins.directory, 0o755);
    await using site = await startOrigin();
    await using engine = await Engine.start();
    const data = await engine.volume("data");
    await using server = engine.start({
      args: ["server", ...ANY_PORTS],
      env: SERVER_ENV,
      mounts: { "/var/lib/sallyport": data },
      network: "host",
    });
    const { url } = await eventOf(server, "REST API and page");
    const proxy = await eventOf(server, "browsers use the proxy");
    await using client = engine.start({
      args: ["run", "--tunnel-connections=2", "--plugin-dir=/plugins"],
      env: {
        ...JSON_LOG,
        SALLYPORT_SERVER: String(url),
        SALLYPORT_USERNAME: USER.name,
        SALLYPORT_ACCESS_KEY: USER.key,
        SALLYPORT_TUNNEL_NAME: "lab",
        SALLYPORT_CACERT_FILE: "/ca.pem",
        SALLYPORT_PROXY_LOCALHOST: "allow",
      },
      mounts: {
        "/plugins": `${plugins.directory}:ro`,
        "/ca.pem": `${data}/ca.pem:ro`,
      },
      network: "host",
    });
    await untilUp(client.process, 2);
    const { healthcheck, entrypoint } = await readImage();
    const status = await client.proc("status");
    const mounts = await client.proc("mounts");
    const port = Number(String(proxy["address"]).replace(/.*:/, ""));
    const through = { port, credentials: CREDENTIALS };

    const ofSite = await get(`${site.url}/`, through);
    const ofPlugin = await get("http://hello.test/", through);
    const clientReady = await client.exec(healthcheck);
    const serverReady = await server.exec([
      ...[entrypoint, "ready", "--server"],
      `--address=${new URL(String(url)).host}`,
    ]);

    assert.equal(ofSite.status, 200);
    assert.equal(ofPlugin.text, "hi");
    const isReady = { code: 0, stdout: "ready\n", stderr: "" };
    assert.deepEqual([clientReady, serverReady], [isReady, isReady]);
    assert.match(status, /^Uid:\s+65532\s+65532\s+65532\s+65532$/m);
    for (const set of ["Prm", "Eff", "Bnd", "Amb"]) {
      assert.match(status, new RegExp(`^Cap${set}:\\s+0+$`, "m"));
    }
    assert.match(status, /^NoNewPrivs:\s+1$/m);
    assert.match(mounts, /^\S+ \/ \S+ ro,/m);

    client.process.signal("SIGTERM");
    const clientEnd = await client.process.exit(STARTS_WITHIN);
    server.process.signal("SIGTERM");
    const serverEnd = await server.process.exit(STARTS_WITHIN);
    assert.deepEqual([clientEnd.code, clientEnd.stderr], [0, ""]);
    assert.deepEqual([serverEnd.code, serverEnd.stderr], [0, ""]);
  },
);

/** What the Helm chart of Sauce Connect gives its pods, with the server's name in its configuration. */
const SAUCE_CONFIG = `access-key: ${USER.key}
cacert-file: /etc/config/ca.pem
region: us-west
server: https://127.0.0.1:8443
tunnel-name: sc-k8s-tunnel
username: ${USER.name}
`;

Deno.test(
  "a pod of Sauce's Helm chart gets ready, and a server without options is reached",
  OPTIONS,
  async () => {
    await using engine = await Engine.start();
    const data = await engine.volume("data");
    await using server = engine.start({
      args: ["server"],
      env: SERVER_ENV,
      mounts: { "/var/lib/sallyport": data },
    });
    const { url } = await eventOf(server, "REST API and page");
    const { address } = await eventOf(server, "browsers use the proxy");
    const { entrypoint } = await readImage();
    const serverReady = await server.exec([entrypoint, "ready", "--server"]);
    await using config = await tempPlugins({
      "sauce-connect.yaml": SAUCE_CONFIG,
      "ca.pem": await Deno.readTextFile(`${data}/ca.pem`),
    });
    await Deno.chmod(config.directory, 0o755);
    await using client = engine.start({
      args: ["run"],
      env: {
        ...JSON_LOG,
        SAUCE_CONFIG_FILE: "/etc/config/sauce-connect.yaml",
        SAUCE_API_ADDRESS: ":8032",
        SAUCE_TUNNEL_POOL: "true",
        GOMEMLIMIT: "551550976",
      },
      mounts: { "/etc/config": `${config.directory}:ro` },
      network: server,
    });
    await eventOf(client, "Sallyport is up, you may start your tests");
    const clientReady = await client.exec([entrypoint, "ready"]);
    const probed = await client.exec([
      ...[entrypoint, "ready", "--api-address=127.0.0.1:8032"],
    ]);

    const isReady = { code: 0, stdout: "ready\n", stderr: "" };
    assert.deepEqual([serverReady, clientReady, probed], [
      isReady,
      isReady,
      isReady,
    ]);
    assert.equal(new URL(String(url)).port, "8443");
    assert.equal(address, "0.0.0.0:8080");
    const listens = client.process.log.matching("HTTP server listen");
    assert.deepEqual(listens.map(({ fields }) => fields), [
      { socket: "/tmp/sallyport.sock", protocol: "http" },
      { address: "0.0.0.0:8032", protocol: "http" },
    ]);
  },
);

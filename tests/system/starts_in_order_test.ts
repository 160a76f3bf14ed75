import assert from "node:assert/strict";
import { startOrigin } from "../testing/origin.ts";
import { get } from "../testing/browser.ts";
import { CREDENTIALS, USER } from "../testing/user.ts";
import {
  beginClientProgram,
  type ClientProgram,
  logLines,
  SIGNALS,
  startClientProgram,
  startServerProgram,
} from "./programs.ts";
import { callRest } from "./rest_calls.ts";

/** The sentences of a start, in the order in which users and their scripts know them. */
const START = [
  /^\[control\] \[INFO\] Sallyport version=\d+\.\d+\.\d+$/,
  /^\[control\] \[INFO\] configuration server=.* access-key=xxxxx /,
  /^\[proxy\] \[INFO\] no upstream proxy specified$/,
  /^\[proxy\] \[INFO\] localhost proxying mode=allow$/,
  /^\[api\] \[INFO\] HTTP server listen address=127\.0\.0\.1:\d+ protocol=http$/,
  /^\[control\] \[INFO\] please wait for 'you may start your tests' to start your tests$/,
  /^\[control\] \[INFO\] provisioning Sallyport server=https:\S+ name=lab$/,
  /^\[control\] \[INFO\] Sallyport running id=[0-9a-f]{32}$/,
  /^\[control\] \[INFO\] waiting for Sallyport server to be reachable$/,
  /^\[tunnel\] \[INFO\] connecting to address=127\.0\.0\.1:\d+$/,
  /^\[tunnel\] \[INFO\] established connection to Sallyport server active=1\/2$/,
];
const UP = "[control] [INFO] Sallyport is up, you may start your tests";

Deno.test(
  "run says step by step how it starts, and that tests may start exactly once",
  SIGNALS,
  async () => {
    await using server = await startServerProgram();
    await using client = await startClientProgram(server, {
      args: ["--log-format=text"],
    });

    client.process.signal("SIGINT");
    const { code, stdout, stderr } = await client.process.exit();

    const lines = logLines(stdout);
    START.forEach((sentence, at) => assert.match(lines[at] ?? "", sentence));
    const rest = lines.slice(START.length);
    assert.deepEqual(rest.filter((line) => line === UP), [UP]);
    assert.equal(
      rest.filter((line) => line.endsWith(" active=2/2")).length,
      1,
      "every session says once that it is there",
    );
    assert.equal(stderr, "");
    assert.equal(code, 0);
  },
);

Deno.test(
  "the whole life of server and client leaves nothing on stderr",
  SIGNALS,
  async () => {
    await using server = await startServerProgram();
    await using client = await startClientProgram(server);
    await using origin = await startOrigin();
    await get(`${origin.url}/bytes/1000`, server.proxy);

    client.process.signal("SIGTERM");
    const clientExit = await client.process.exit();
    server.process.signal("SIGTERM");
    const serverExit = await server.process.exit();

    assert.deepEqual([clientExit.code, clientExit.stderr], [0, ""]);
    assert.deepEqual([serverExit.code, serverExit.stderr], [0, ""]);
  },
);

Deno.test(
  "log, status API and metrics have no secret",
  SIGNALS,
  async () => {
    await using server = await startServerProgram({
      args: ["--log-level=debug", "--log-format=text"],
    });
    await using client = await startClientProgram(server, {
      args: [
        ...["--log-level=debug", "--log-format=text"],
        "--api-basic-auth=probe:s3cr3t-probe",
      ],
    });
    await using origin = await startOrigin();
    const pages = await Promise.all(
      ["", "configz", "info", "metrics", "version"].map(async (path) => {
        const answer = await fetch(client.apiUrl + path, {
          headers: { Authorization: `Basic ${btoa("probe:s3cr3t-probe")}` },
        });
        assert.equal(answer.status, 200);
        return await answer.text();
      }),
    );
    const { proxy } = server;
    const page = await get(`${origin.url}/headers`, proxy);
    await get("http://nowhere.invalid/", proxy);

    client.process.signal("SIGINT");
    const clientExit = await client.process.exit();
    server.process.signal("SIGINT");
    const serverExit = await server.process.exit();

    const said = [
      ...pages,
      page.text,
      clientExit.stdout,
      serverExit.stdout,
    ].join("\n");
    for (const secret of [USER.key, btoa(CREDENTIALS), "s3cr3t-probe"]) {
      assert.ok(!said.includes(secret), `"${secret}" was told`);
    }
    assert.doesNotMatch(said, /Bearer (?!xxxxx)|Basic (?!realm|xxxxx)/);
  },
);

Deno.test(
  "only its client gets the secrets of a tunnel",
  SIGNALS,
  async () => {
    await using server = await startServerProgram({
      args: ["--log-level=debug", "--log-format=text"],
    });

    const created = await callRest(server, {
      method: "POST",
      path: "",
      body: { tunnel_identifier: "lab" },
    });

    const { id, tunnel_token: token, proxy_password: password } = created.data;
    assert.equal(created.status, 201);
    const state = await callRest(server, { path: `/${id}` });
    const list = await callRest(server, { path: "?full=1" });
    server.process.signal("SIGINT");
    const { stdout } = await server.process.exit();
    const said = `${state.text}\n${list.text}\n${stdout}`;
    assert.match(said, new RegExp(`${id}`));
    for (const secret of [token, password]) {
      assert.ok(typeof secret === "string" && secret.length > 16);
      assert.ok(!said.includes(secret), "a secret was told");
    }
  },
);

Deno.test(
  "the moment /readyz says 200, a request passes",
  SIGNALS,
  async (t) => {
    await using server = await startServerProgram();
    await using origin = await startOrigin();
    const url = `${origin.url}/bytes/10`;
    const { proxy } = server;

    for (let round = 1; round <= 20; round += 1) {
      await t.step(`round ${round}`, async () => {
        await using client = await beginClientProgram(server);
        const before = await readiness(client);
        while (await readiness(client) !== 200);

        const page = await get(url, proxy);

        assert.equal(before, 503);
        assert.deepEqual([page.status, page.text.length], [200, 10]);
        client.process.signal("SIGINT");
        assert.equal((await client.process.exit()).code, 0);
      });
    }
  },
);

async function readiness({ apiUrl }: ClientProgram): Promise<number> {
  const answer = await fetch(`${apiUrl}readyz`);
  await answer.body?.cancel();
  return answer.status;
}

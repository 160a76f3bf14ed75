import assert from "node:assert/strict";
import { type Origin, startOrigin } from "../testing/origin.ts";
import {
  type BrowserProxy,
  get,
  open,
  type Opening,
} from "../testing/browser.ts";
import { CREDENTIALS } from "../testing/user.ts";
import {
  type ServerProgram,
  SIGNALS,
  startClientProgram,
  startServerProgram,
  tunnelIdOf,
  waitingFor,
} from "./programs.ts";
import { callRest, listTunnels } from "./rest_calls.ts";

function browserOf({ proxyPort: port }: ServerProgram): BrowserProxy {
  return { port, credentials: CREDENTIALS };
}

Deno.test("a second tunnel of the same name ends the first, whose client says who did it and exits with 4", async () => {
  await using server = await startServerProgram();
  await using origin = await startOrigin();
  await using first = await startClientProgram(server);

  await using second = await startClientProgram(server);
  const { code, stderr } = await first.process.exit();

  const by = `replaced by demo from ${Deno.hostname()} (127.0.0.1) at `;
  const [, time = ""] =
    /^sallyport: The tunnel was replaced by .* at (\S+ \S+) UTC;/.exec(
      stderr,
    ) ??
      [];
  assert.equal(
    stderr,
    `sallyport: The tunnel was ${by}${time} UTC; use --tunnel-pool or another name\n`,
  );
  const age = Date.now() - Date.parse(`${time.replace(" ", "T")}Z`);
  assert.ok(age >= 0 && age < 120_000, time);
  const [ended] = first.process.log.matching("tunnel was ended by the server");
  assert.deepEqual([ended?.module, ended?.level], ["control", "info"]);
  assert.deepEqual(ended?.fields, { reason: `${by}${time} UTC` });
  const [replaced] = server.process.log.matching("tunnel replaced");
  assert.deepEqual(replaced?.fields, {
    id: await tunnelIdOf(first),
    owner: "demo",
    name: "lab",
    host: Deno.hostname(),
    address: "127.0.0.1",
  });
  assert.equal(code, 4);
  assert.deepEqual(await listTunnels(server), [await tunnelIdOf(second)]);
  assert.equal((await get(origin.url, browserOf(server))).status, 200);
});

Deno.test("the running request finishes on the tunnel that is replaced, new ones take the new one", async () => {
  await using server = await startServerProgram();
  await using origin = await startOrigin();
  await using first = await startClientProgram(server);
  using download = await open(
    `${origin.url}/hold-body/x`,
    browserOf(server),
  );

  await using _second = await startClientProgram(server);
  const next = await get(origin.url, browserOf(server));
  origin.release("x");
  const text = await download.text();
  const { code } = await first.process.exit();

  assert.equal(next.status, 200);
  assert.equal(text, "first\nlast\n");
  assert.equal(code, 4);
});

Deno.test(
  "tunnels of a pool serve side by side, and the others when one ends",
  SIGNALS,
  async () => {
    await using server = await startServerProgram();
    await using origin = await startOrigin();
    const args = ["--tunnel-pool"];
    await using first = await startClientProgram(server, { args });
    await using second = await startClientProgram(server, { args });
    const ids = [await tunnelIdOf(first), await tunnelIdOf(second)];

    await using downloads = await holdDownloads(server, origin);
    const jobs = await Promise.all(ids.map((id) => jobsOf(server, id)));
    first.process.signal("SIGTERM");
    await first.process.event(waitingFor(2));
    const next = await get(origin.url, browserOf(server));
    const texts = await downloads.finish();

    assert.deepEqual(jobs, [2, 2]);
    assert.equal(next.status, 200);
    assert.deepEqual(texts, Array(4).fill("first\nlast\n"));
    assert.equal((await first.process.exit()).code, 0);
    assert.deepEqual(await listTunnels(server), [ids[1]]);
  },
);

Deno.test("a tunnel that is stopped by the REST API ends its client, with words and 3", async () => {
  await using server = await startServerProgram();
  await using client = await startClientProgram(server);
  const id = await tunnelIdOf(client);

  const stopped = await callRest(server, {
    method: "DELETE",
    path: `/${id}?reason=maintenance`,
  });
  const { code, stderr } = await client.process.exit();
  const again = await callRest(server, { method: "DELETE", path: `/${id}` });

  assert.equal(stopped.status, 200);
  assert.deepEqual(stopped.data, { result: true, id, jobs_running: 0 });
  assert.equal(
    stderr,
    "sallyport: The tunnel was ended by the server: maintenance\n",
  );
  assert.equal(code, 3);
  assert.equal(again.status, 404);
});

async function holdDownloads(
  server: ServerProgram,
  origin: Origin,
): Promise<AsyncDisposable & { finish(): Promise<readonly string[]> }> {
  const downloads: Opening[] = [];
  for (let at = 0; at < 4; at += 1) {
    downloads.push(
      await open(`${origin.url}/hold-body/${at}`, browserOf(server)),
    );
  }
  return {
    finish() {
      downloads.forEach((_, at) => origin.release(String(at)));
      return Promise.all(downloads.map((download) => download.text()));
    },
    [Symbol.asyncDispose]() {
      downloads.forEach((download) => download[Symbol.dispose]());
      return Promise.resolve();
    },
  };
}

async function jobsOf(server: ServerProgram, id: string): Promise<unknown> {
  const { data } = await callRest(server, { path: `/${id}/num_jobs` });
  return data["jobs_running"];
}

/** The calls of a client, as the server gets them, and what it makes of the replies. */
import assert from "node:assert/strict";
import { RestClient } from "../../../src/client/rest/rest_client.ts";
import { RestError } from "../../../src/client/rest/rest_error.ts";
import { ByteScanner, bytesOf } from "../../testing/byte_scanner.ts";
import { createMemoryDuplex } from "../../testing/memory_duplex.ts";

const { signal } = new AbortController();
const ID = "0123456789abcdef0123456789abcdef";

/** A client whose server gives this reply, and what it was asked. */
function setUp(reply: string, status = "200 OK", more = "") {
  const asked: string[] = [];
  const targets: unknown[] = [];
  const client = new RestClient({
    server: "https://lab.test:8443",
    username: "ann@lab",
    accessKey: "secret",
    version: "1.2.3",
    async connect(target) {
      targets.push(target);
      const [near, far] = createMemoryDuplex();
      await far.write(bytesOf(
        `HTTP/1.1 ${status}\r\nContent-Length: ${reply.length}\r\n${more}` +
          `\r\n${reply}`,
      ));
      const close = near.close.bind(near);
      near.close = () => {
        close();
        // All that was sent is there.
        void new ByteScanner(far).readAll().then(
          (bytes) => asked.push(new TextDecoder().decode(bytes)),
        );
      };
      return near;
    },
  });
  return {
    client,
    targets,
    async request() {
      for (let turn = 0; turn < 50 && asked.length === 0; turn++) await null;
      const [head = "", body = ""] = (asked[0] ?? "").split("\r\n\r\n");
      const [line, ...fields] = head.split("\r\n");
      return { line, fields, body };
    },
  };
}

Deno.test("a call has the key, the version and what it accepts", async () => {
  const { client, request, targets } = setUp('{"result":true,"duration":3}');
  assert.deepEqual(await client.probe(ID, signal), {
    result: true,
    duration: 3,
  });
  const { line, fields, body } = await request();
  assert.match(line ?? "", new RegExp(`^POST /\\S*/${ID}/\\S+ HTTP/1\\.1$`));
  assert.ok(line?.includes("/ann%40lab/"), line);
  assert.ok(fields.includes("Host: lab.test:8443"));
  assert.ok(fields.includes(`Authorization: Basic ${btoa("ann@lab:secret")}`));
  assert.ok(fields.includes("User-Agent: sallyport/1.2.3"));
  assert.ok(fields.includes("Accept: application/json"));
  assert.equal(body, "");
  assert.deepEqual(targets, [
    { hostname: "lab.test", port: 8443, secure: true },
  ]);
});

Deno.test("a call says its reason in the query, and waits for running jobs", async () => {
  const { client, request } = setUp(
    `{"id":"${ID}","result":true,"jobs_running":0}`,
  );
  await client.stop(ID, "a b&c", signal);
  const { line } = await request();
  assert.match(line ?? "", /^DELETE \S+\?reason=a\+b%26c&wait=1 HTTP/);
});

Deno.test("a call without a query has no question mark, content is JSON", async () => {
  const { client, request } = setUp(`{"id":"${ID}","result":true}`);
  await client.heartbeat(ID, { kgp_is_connected: true } as never, signal);
  const { line, fields, body } = await request();
  assert.doesNotMatch(line ?? "", /\?/);
  assert.ok(fields.includes("Content-Type: application/json"));
  assert.equal(body, '{"kgp_is_connected":true}');
});

/** Status, content and Retry-After → what the user reads. */
const REFUSALS = [
  ["401 x", '{"error":"The key is wrong"}', "", "The key is wrong", undefined],
  ["429 x", '{"error":"Too many"}', "Retry-After: 7\r\n", "Too many", 7],
  [
    "500 x",
    "<html>",
    "",
    "the server responded with status 500",
    undefined,
  ],
  [
    "503 x",
    "{}",
    "Retry-After: 2\r\n",
    "the server responded with status 503",
    2,
  ],
  [
    "499 x",
    "no",
    "",
    "no Sallyport server at that address, check --server: status 499",
    undefined,
  ],
  [
    "300 x",
    '{"result":true,"duration":3}',
    "",
    "no Sallyport server at that address, check --server: status 300",
    undefined,
  ],
] as const;

for (const [status, content, fields, message, retryAfter] of REFUSALS) {
  Deno.test(`${status.slice(0, 3)} with ${content} is "${message}"`, async () => {
    const { client } = setUp(content, status, fields);
    await assert.rejects(client.probe(ID, signal), (error) => {
      assert.ok(error instanceof RestError);
      assert.equal(error.status, Number(status.slice(0, 3)));
      assert.equal(error.message, message);
      assert.equal(error.retryAfter, retryAfter);
      return true;
    });
  });
}

for (const content of ["<html>", "{}", '{"result":"yes"}', "[]"]) {
  Deno.test(`200 with ${content} cannot be a Sallyport server`, async () => {
    const { client } = setUp(content);
    await assert.rejects(client.probe(ID, signal), (error) => {
      assert.ok(error instanceof RestError);
      assert.equal(error.status, 0);
      assert.equal(error.retryAfter, undefined);
      assert.match(
        error.message,
        /^no Sallyport server at that address, check --server: ./,
      );
      assert.doesNotMatch(error.message, /\n/);
      return true;
    });
  });
}

Deno.test("a reply of the last good status is taken", async () => {
  const { client } = setUp('{"result":true,"duration":3}', "299 x");
  assert.equal((await client.probe(ID, signal)).duration, 3);
});

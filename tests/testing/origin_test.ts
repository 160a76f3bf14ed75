/** Holds the test origin to what it promises: what lies here would hide what the product loses. @module */
import assert from "node:assert/strict";
import { digestOf, patternDigest } from "./pattern.ts";
import { startOrigin } from "./origin.ts";
import { RawClient } from "./raw_client.ts";

Deno.test("origin responds with every status, with content only where HTTP has it", async () => {
  await using origin = await startOrigin();
  using client = await RawClient.connect(origin);

  for (let status = 200; status < 600; status++) {
    await client.send(`GET /status/${status} HTTP/1.1\r\nHost: a\r\n\r\n`);
    const head = await client.readHead();
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    const content = await client.readExactly(length);

    assert.match(head, new RegExp(`^HTTP/1.1 ${status} `));
    assert.equal(length > 0, ![204, 205, 304].includes(status));
    assert.equal(content.byteLength, length);
  }
  assert.equal(origin.connections, 1);
});

Deno.test("origin tells what it saw, in order and as written", async () => {
  await using origin = await startOrigin();
  using client = await RawClient.connect(origin);
  await client.send(
    "GET /headers?a=b HTTP/1.1\r\nhOsT: a\r\nX-B: 2\r\nx-a: 1\r\nX-B: 3\r\nConnection: close\r\n\r\n",
  );
  const head = await client.readHead();
  const seen = JSON.parse(await client.readAll());

  assert.match(head, /^HTTP\/1.1 200 /);
  assert.deepEqual(seen, {
    method: "GET",
    target: "/headers?a=b",
    fields: [
      ["hOsT", "a"],
      ["X-B", "2"],
      ["x-a", "1"],
      ["X-B", "3"],
      ["Connection", "close"],
    ],
  });
  assert.match(origin.heads[0] ?? "", /^GET \/headers\?a=b HTTP/);
});

Deno.test.each([
  ["/bytes/0", 0],
  ["/bytes/65522", 65_522],
  ["/chunked/0", 0],
  ["/chunked/1000001", 1_000_001],
  ["/until-close/70000", 70_000],
])("origin sends the pattern: %s", async (path, length) => {
  await using origin = await startOrigin();

  const answer = await fetch(origin.url + path);
  const content = await answer.bytes();

  assert.deepEqual(digestOf([content]), patternDigest(length));
});

Deno.test("origin takes content by length, in chunks and after 100", async () => {
  await using origin = await startOrigin();
  using client = await RawClient.connect(origin);

  await client.send(
    "POST /echo HTTP/1.1\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n",
  );
  assert.match(await client.readHead(), /^HTTP\/1.1 200 /);
  assert.match(await client.readHead(), /^HTTP\/1.1 100 /);
  await client.send("abc");
  assert.equal(await client.readThrough("0\r\n\r\n"), "3\r\nabc\r\n0\r\n\r\n");

  await client.send(
    "POST /digest HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n" +
      "1\r\na\r\n2\r\nbc\r\n0\r\nX: y\r\n\r\n",
  );
  await client.readHead();
  assert.equal(JSON.parse(await client.readAll()).bytes, 3);
});

Deno.test("origin ends in the middle where the path says so", async () => {
  await using origin = await startOrigin();

  for (const path of ["die-mid-body", "die-mid-chunk"]) {
    const answer = await fetch(`${origin.url}/${path}`);
    await assert.rejects(answer.text());
  }
  await assert.rejects(fetch(`${origin.url}/die-before-head`));
});

Deno.test("origin holds a response until it is released", async () => {
  await using origin = await startOrigin();

  const waiting = fetch(`${origin.url}/hold/a`);
  await origin.held("a");
  origin.release("a");

  assert.equal(await (await waiting).text(), "released\n");
});

Deno.test("origin sends hints, trailers, events, cookies, compressed content", async () => {
  await using origin = await startOrigin();
  using client = await RawClient.connect(origin);
  await client.send(
    "GET /early-hints HTTP/1.1\r\n\r\nGET /trailers HTTP/1.1\r\n\r\n",
  );
  const compressed = await fetch(`${origin.url}/gzip`);
  const events = await fetch(`${origin.url}/events?count=2`);
  const cookies = await fetch(`${origin.url}/cookies`);

  assert.match(await client.readHead(), /^HTTP\/1.1 103 /);
  assert.match(await client.readThrough("after the hints\n"), /^HTTP\/1.1 200/);
  assert.match(
    await client.readThrough("ok\r\n\r\n"),
    /0\r\nChecksum: ok\r\n\r\n$/,
  );
  assert.equal(await compressed.text(), "compressed\n");
  assert.equal(
    await events.text(),
    "id: 1\ndata: event 1\n\nid: 2\ndata: event 2\n\n",
  );
  assert.deepEqual(cookies.headers.getSetCookie(), ["a=1", "b=2; Path=/"]);
  await cookies.body?.cancel();
});

Deno.test("origin requires credentials", async () => {
  await using origin = await startOrigin();
  const url = `${origin.url}/basic-auth/user/p%3Aw`;

  const without = await fetch(url);
  const right = await fetch(url, {
    headers: { authorization: `Basic ${btoa("user:p:w")}` },
  });

  assert.equal(without.status, 401);
  assert.equal(right.status, 200);
  await without.body?.cancel();
  await right.body?.cancel();
});

Deno.test("origin over https has a certificate that its authority signed", async () => {
  await using origin = await startOrigin("https");
  using trusting = Deno.createHttpClient({ caCerts: [origin.ca ?? ""] });

  const answer = await fetch(`${origin.url}/status/200`, { client: trusting });

  assert.equal(await answer.text(), "status 200\n");
  await assert.rejects(fetch(`${origin.url}/status/200`));
});

Deno.test("origin echoes WebSocket messages of every length form", async () => {
  await using origin = await startOrigin();
  const socket = new WebSocket(`${origin.url.replace("http", "ws")}/ws`);
  const closed = new Promise<CloseEvent>((resolve) => socket.onclose = resolve);
  const lengths = [5, 125, 126, 65_535, 65_536, 100_000];
  const got: number[] = [];

  socket.onopen = () => {
    for (const length of lengths) socket.send("x".repeat(length));
  };
  socket.onmessage = ({ data }) => {
    got.push(data.length);
    if (got.length === lengths.length) socket.close(1000);
  };

  assert.equal((await closed).code, 1000);
  assert.deepEqual(got, lengths);
});

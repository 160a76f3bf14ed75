/** Promise: the browser gets the response of the site: status, fields, content or none. @module */
import assert from "node:assert/strict";
import { withoutAnnounced } from "../testing/announced.ts";
import { digestOf } from "../testing/pattern.ts";
import { startOrigin, startSite } from "../testing/origin.ts";
import { BrowserConnection } from "../testing/browser.ts";
import { runningSystem } from "../testing/running_system.ts";

const METHODS = ["HEAD", "GET", "POST", "PUT", "PATCH", "DELETE"] as const;
const CONTENT = new TextEncoder().encode("content of the request");

for (const method of METHODS) {
  Deno.test(`${method} gets every status from 200 to 599 on one connection`, async () => {
    await using origin = await startOrigin();
    await using system = await runningSystem();
    using browser = await BrowserConnection.open(system.proxy, {
      site: origin,
    });
    const hasContent = method.startsWith("P");

    for (let status = 200; status < 600; status++) {
      const answer = await browser.exchange(
        method,
        `/status/${status}`,
        hasContent ? { content: CONTENT } : {},
      );
      const text = await answer.text();

      assert.equal(answer.status, status);
      const isEmpty = [204, 205, 304].includes(status);
      const expected = isEmpty ? "" : `status ${status}\n`;
      assert.equal(text, method === "HEAD" ? "" : expected);
    }
    assert.equal(origin.heads.length, 400);
  });
}

Deno.test("HEAD keeps the length of the content that it leaves out", async () => {
  await using origin = await startOrigin();
  await using system = await runningSystem();
  using browser = await BrowserConnection.open(system.proxy, { site: origin });

  const answer = await browser.exchange("HEAD", "/bytes/123456");
  const unknown = await browser.exchange("HEAD", "/chunked/5");
  const next = await browser.exchange("GET", "/bytes/3");

  assert.equal(answer.get("content-length"), "123456");
  assert.equal(unknown.get("content-length"), undefined);
  assert.equal((await next.text()).length, 3);
});

for (const status of [204, 304] as const) {
  Deno.test(`${status} has no content, whatever length it tells`, async () => {
    await using site = startSite(async (exchange) => {
      await exchange.writeHead(status, [["ETag", '"a"'], [
        "Content-Length",
        "10",
      ]]);
    });
    await using system = await runningSystem();
    using browser = await BrowserConnection.open(system.proxy, { site });

    const first = await browser.exchange("GET", "/");
    const second = await browser.exchange("GET", "/");

    assert.equal(first.status, status);
    assert.equal(second.get("etag"), '"a"');
  });
}

Deno.test("a status without a meaning of its own and a reason of its own passes", async () => {
  await using site = startSite(async (exchange) => {
    await exchange.write("HTTP/1.1 799 Quite\r\nContent-Length: 2\r\n\r\nok");
  });
  await using system = await runningSystem();
  using browser = await BrowserConnection.open(system.proxy, { site });

  const answer = await browser.exchange("BREW", "/pot");

  assert.equal(answer.status, 799);
  assert.equal(await answer.text(), "ok");
});

Deno.test("early hints arrive before the response is there", async () => {
  const hinted = Promise.withResolvers<void>();
  await using site = startSite(async (exchange) => {
    await exchange.writeHead(103, [["Link", "</a.css>; rel=preload"]]);
    await exchange.writeHead(103, [["Link", "</b.css>; rel=preload"]]);
    await hinted.promise;
    await exchange.answer(200, { body: "after the hints" });
  });
  await using system = await runningSystem();
  using browser = await BrowserConnection.open(system.proxy, { site });

  await browser.ask("GET", "/");
  const hints = [await browser.answer(), await browser.answer()];
  hinted.resolve();
  const answer = await browser.answer();

  assert.deepEqual(hints.map(({ status }) => status), [103, 103]);
  assert.deepEqual(hints.map((hint) => hint.get("Link")), [
    "</a.css>; rel=preload",
    "</b.css>; rel=preload",
  ]);
  assert.equal(answer.status, 200);
  assert.equal(await answer.text(), "after the hints");
});

Deno.test("100-continue comes before the content is sent, and the content arrives", async () => {
  await using origin = await startOrigin();
  await using system = await runningSystem();
  using browser = await BrowserConnection.open(system.proxy, { site: origin });

  await browser.raw.send(browser.head("POST", "/digest", [
    ["Content-Length", `${CONTENT.byteLength}`],
    ["Expect", "100-continue"],
  ]));
  const first = await browser.answer();
  const head = origin.heads.at(-1) ?? "";
  await browser.raw.send(CONTENT);
  const answer = await browser.answer();

  assert.equal(first.status, 100);
  assert.match(head, /^expect: 100-continue\r$/im);
  assert.deepEqual(JSON.parse(await answer.text()), digestOf([CONTENT]));
});

Deno.test("an origin that knows no 100-continue gets the content all the same", async () => {
  await using site = startSite(async (exchange) => {
    // Reads at once, as a site of HTTP/1.0 times would: it never says 100.
    const text = await exchange.scanner.readExactly(CONTENT.byteLength);
    await exchange.answer(200, { body: text });
    exchange.endConnection();
  });
  await using system = await runningSystem();
  using browser = await BrowserConnection.open(system.proxy, { site });

  await browser.raw.send(browser.head("POST", "/", [
    ["Content-Length", `${CONTENT.byteLength}`],
    ["Expect", "100-continue"],
  ]));
  const first = await browser.answer();
  await browser.raw.send(CONTENT);
  const answer = await browser.answer();

  assert.equal(first.status, 100);
  assert.equal(await answer.text(), "content of the request");
});

Deno.test("an origin that refuses after 'Expect: 100-continue' is heard without the content", async () => {
  await using site = startSite(async (exchange) => {
    await exchange.answer(413, { body: "too large" });
    exchange.endConnection();
  });
  await using system = await runningSystem();
  using browser = await BrowserConnection.open(system.proxy, { site });

  await browser.raw.send(browser.head("PUT", "/", [
    ["Content-Length", "1000000"],
    ["Expect", "100-continue"],
  ]));
  const statuses: number[] = [];
  let answer = await browser.answer();
  for (; answer.status < 200; answer = await browser.answer()) {
    statuses.push(answer.status);
  }

  assert.deepEqual(statuses, []);
  assert.equal(answer.status, 413);
  assert.equal(await answer.text(), "too large");
});

Deno.test("fields of the request reach the site in order, case and number", async () => {
  await using origin = await startOrigin();
  await using system = await runningSystem();
  using browser = await BrowserConnection.open(system.proxy, { site: origin });
  const sent = [
    ["X-Repeated", "1"],
    ["accept", "*/*"],
    ["x-rEpEaTeD", "2"],
    ["Cookie", "a=1"],
    ["Cookie", "b=2; c=3"],
    ["X-Empty", ""],
    ["X-Repeated", "3"],
    ["TRACEPARENT", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
  ] as const;

  const answer = await browser.exchange("GET", "/headers?q=%41+b", {
    fields: sent,
  });
  const seen = JSON.parse(await answer.text());

  const host = ["Host", `origin.test:${origin.port}`];
  assert.deepEqual({ ...seen, fields: withoutAnnounced(seen.fields) }, {
    method: "GET",
    target: "/headers?q=%41+b",
    fields: [host, ...sent],
  });
});

Deno.test("fields of the response reach the browser in order, case and number", async () => {
  const sent = [
    ["x-lower", "1"],
    ["Set-Cookie", "a=1"],
    ["X-Mixed-CASE", "2"],
    ["Set-Cookie", "b=2; Path=/"],
    ["WWW-Authenticate", "Basic realm=a"],
    ["WWW-Authenticate", "Digest realm=b"],
    ["X-Empty", ""],
    ["Content-Length", "0"],
  ] as const;
  await using site = startSite((exchange) => exchange.writeHead(401, sent));
  await using system = await runningSystem();
  using browser = await BrowserConnection.open(system.proxy, { site });

  const answer = await browser.exchange("GET", "/");

  assert.deepEqual(answer.fields, sent);
});

Deno.test("values of 8-bit characters pass both ways as the bytes they are", async () => {
  const latin1 = "caf\xe9 \xff\x80";
  const utf8 = "na\xc3\xafve";
  let seen: string | undefined;
  await using site = startSite(async (exchange) => {
    seen = exchange.get("X-Bytes");
    await exchange.answer(200, { fields: [["X-Latin", latin1]] });
  });
  await using system = await runningSystem();
  using browser = await BrowserConnection.open(system.proxy, { site });

  const answer = await browser.exchange("GET", "/", {
    fields: [["X-Bytes", utf8]],
  });

  assert.equal(seen, utf8);
  assert.equal(answer.get("X-Latin"), latin1);
});

Deno.test("a field of 30 KiB and 200 fields at once pass both ways", async () => {
  const long = "v".repeat(30 * 1024);
  const many = Array.from(
    { length: 200 },
    (_, at) => [`X-Field-${at}`, `value ${at}`] as const,
  );
  let seen: readonly (readonly [string, string])[] = [];
  await using site = startSite(async (exchange) => {
    seen = exchange.fields;
    await exchange.writeHead(200, [["Content-Length", "0"], ["X-Long", long]]);
  });
  await using system = await runningSystem();
  using browser = await BrowserConnection.open(system.proxy, { site });

  const answer = await browser.exchange("GET", "/", {
    fields: [...many, ["X-Long", long]],
  });

  assert.deepEqual(withoutAnnounced(seen).slice(1), [...many, [
    "X-Long",
    long,
  ]]);
  assert.equal(answer.get("X-Long"), long);
});

Deno.test("what belongs to one connection stays on it", async () => {
  await using origin = await startOrigin();
  await using system = await runningSystem();
  using browser = await BrowserConnection.open(system.proxy, { site: origin });

  const answer = await browser.exchange("GET", "/headers", {
    fields: [
      ["Proxy-Connection", "keep-alive"],
      ["Connection", "X-Mine"],
      ["X-Mine", "secret"],
      ["Keep-Alive", "timeout=5"],
      ["X-Theirs", "yes"],
    ],
  });
  const { fields } = JSON.parse(await answer.text());

  const host = ["Host", `origin.test:${origin.port}`];
  assert.deepEqual(withoutAnnounced(fields), [host, ["X-Theirs", "yes"]]);
});

/** @module */
import assert from "node:assert/strict";
import { within } from "../../testing/deadline.ts";
import { Call } from "../../../src/plugin/running/call.ts";
import type {
  FetchData,
  FetchOutcome,
  SendFetch,
} from "../../../src/plugin/running/fetch_data.ts";
import {
  Fetcher,
  FetchFailure,
} from "../../../src/plugin/running/plugin_fetch.ts";

/** A response without content. */
function empty(status: number, headers: readonly string[] = []): FetchOutcome {
  return { kind: "response", status, headers, body: undefined };
}

/** The `fetch` of a plugin whose requests go to `send`. */
function fetchBy(send: (data: FetchData) => FetchOutcome) {
  const sendIt: SendFetch = (data) => Promise.resolve(send(data));
  return new Fetcher(sendIt).forCall(new Call([]));
}

Deno.test("fetch() gives up redirects that never end", async () => {
  let sent = 0;
  const fetch = fetchBy(() => {
    sent += 1;
    return empty(302, ["Location", `/${sent}`]);
  });

  await assert.rejects(fetch("http://a.test/"), {
    name: "TypeError",
    message: 'Cannot fetch "http://a.test/": over 20 redirects',
  });
  assert.equal(sent, 21);
});

Deno.test("fetch() follows redirects to sites only", async () => {
  for (
    const location of ["file:///etc/passwd", "http://u:p@a.test/", "http:"]
  ) {
    const fetch = fetchBy(({ url }) =>
      url === "http://a.test/" ? empty(302, ["location", location]) : empty(200)
    );

    await assert.rejects(fetch("http://a.test/"), { name: "TypeError" });
  }
});

Deno.test("fetch() sends no password of a URL, no content that is too long, no CONNECT", async () => {
  const sent: FetchData[] = [];
  const fetch = fetchBy((data) => {
    sent.push(data);
    return empty(200);
  });
  const body = new Uint8Array(16 * 1024 * 1024 + 1);

  await assert.rejects(
    fetch("http://jane:secret@a.test/"),
    ({ message }: Error) =>
      message.startsWith('Cannot fetch from "a.test": its URL has a password'),
  );
  await assert.rejects(fetch("http://a.test/", { method: "POST", body }), {
    message:
      'Cannot fetch "http://a.test/": its content is longer than 16777216 bytes',
  });
  await assert.rejects(fetch("http://a.test/", { method: "CONNECT" }));
  await assert.rejects(fetch("file:///etc/passwd"));
  assert.deepEqual(sent, []);
});

Deno.test("fetch() sends the request of a hook again, with what is changed about it", async () => {
  const sent: FetchData[] = [];
  const fetch = fetchBy((data) => {
    sent.push(data);
    return empty(204);
  });
  const request = {
    method: "DELETE",
    url: new URL("http://a.test/x"),
    headers: [["X-Own", "1"], ["X-Own", "2"]] as const,
  };

  await fetch(request);
  await fetch(request, { headers: { Authorization: "Bearer new" } });

  assert.deepEqual(
    sent.map(({ method, url, headers }) => [
      ...[method, url],
      ...headers,
    ]),
    [
      ["DELETE", "http://a.test/x", "x-own", "1, 2"],
      ["DELETE", "http://a.test/x", "authorization", "Bearer new"],
    ],
  );
});

Deno.test("fetch() sends the content of the request of a hook, decompressed, once more", async () => {
  const sent: FetchData[] = [];
  const fetch = fetchBy((data) => {
    sent.push(data);
    return empty(204);
  });
  const request = {
    method: "POST",
    url: "http://a.test/",
    headers: [["Content-Encoding", "gzip"], ["X-Own", "1"]] as const,
    bytes: () => Promise.resolve(Uint8Array.of(1, 2)),
  };

  await fetch(request);
  await fetch(request, { body: "new" });
  await fetch({ ...request, bytes: () => Promise.resolve(new Uint8Array()) });

  assert.deepEqual(sent.map(({ body }) => body), [
    Uint8Array.of(1, 2),
    new TextEncoder().encode("new"),
    undefined,
  ]);
  assert.ok(!sent[0]?.headers.includes("content-encoding"));
});

Deno.test("fetch() says what no Response can hold", async () => {
  const fetch = fetchBy(() => empty(999));

  await assert.rejects(fetch("http://a.test/"), {
    name: "TypeError",
    message: /: it responds with status 999, which/,
  });
});

Deno.test("fetch() fails as the web's does, and its cause has the reason", async () => {
  const fetch = fetchBy(() => ({
    ...{ kind: "failure", reason: "net_dial", message: "nothing listens" },
  }));

  await assert.rejects(fetch("http://a.test/"), (error: Error) => {
    assert.ok(error instanceof TypeError);
    assert.equal(
      error.message,
      'Cannot fetch "http://a.test/": nothing listens',
    );
    assert.ok(error.cause instanceof FetchFailure);
    assert.equal(error.cause.reason, "net_dial");
    return true;
  });
});

Deno.test("fetch() of a call that is over sends nothing", async () => {
  const call = new Call([]);
  call.abort(new Error("too late"));
  const fetcher = new Fetcher(() => Promise.reject(new Error("sent")));

  await assert.rejects(fetcher.forCall(call)("http://a.test/"), {
    message: "too late",
  });
});

Deno.test("a response that nobody reads gives its place to another request", async () => {
  let given = 0;
  const full = Promise.withResolvers<void>();
  const send: SendFetch = () =>
    Promise.resolve({
      ...{ kind: "response", status: 200, headers: [] },
      body: {
        pull: () => Uint8Array.of(1),
        cancel() {
          given += 1;
          if (given === 64) full.resolve();
        },
      },
    });
  const fetch = new Fetcher(send, 1).forCall(new Call([]));

  const first = await fetch("http://a.test/");
  for (let count = 1; count < 64; count++) await fetch("http://a.test/");
  const next = await within(fetch("http://a.test/"), "a place in the line");
  await next.body?.cancel();

  await within(full.promise, "all to be given up");
  await assert.rejects(first.text(), {
    message:
      'Cannot read the response of "http://a.test/": nobody read it for 1 ms',
  });
});

/** Signed requests to a CA that plays by the rules, and to others. */
import assert from "node:assert/strict";
import { AccountKey } from "../../../src/server/acme/account_key.ts";
import { AcmeError } from "../../../src/server/acme/acme_error.ts";
import { AcmeHttp } from "../../../src/server/acme/acme_http.ts";
import { createTestAuthority } from "../../testing/certs.ts";

const authority = await createTestAuthority();
const leaf = await authority.issue(["localhost", "127.0.0.1"]);
const key = await AccountKey.load(undefined);

interface Signed {
  readonly protected: string;
  readonly payload: string;
}

function textOf(base64: string): string {
  const bytes = Uint8Array.fromBase64(base64, { alphabet: "base64url" });
  return new TextDecoder().decode(bytes);
}

/** A CA that answers requests with content in turn, and what it was sent. */
function ca(
  answers: ((at: number) => Response)[],
  { nonces = true }: { readonly nonces?: boolean } = {},
) {
  const seen: { readonly method: string; readonly nonce?: string }[] = [];
  const bodies: { readonly header: unknown; readonly payload: string }[] = [];
  let nonce = 0;
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", ...leaf, onListen() {} },
    async (request) => {
      const fresh = nonces ? { "replay-nonce": `n${++nonce}` } : undefined;
      if (request.method === "HEAD") {
        seen.push({ method: "HEAD" });
        return new Response(null, { headers: fresh ?? {} });
      }
      seen.push({ method: request.method });
      if (request.method === "POST") {
        assert.equal(
          request.headers.get("content-type"),
          "application/jose+json",
        );
        const signed = await request.json() as Signed;
        bodies.push({
          header: JSON.parse(textOf(signed.protected)),
          payload: textOf(signed.payload),
        });
      }
      assert.match(request.headers.get("user-agent") ?? "", /^sallyport\//);
      const response = answers.shift()?.(seen.length) ?? new Response("");
      if (fresh !== undefined && !response.headers.has("x-no-nonce")) {
        response.headers.set("replay-nonce", fresh["replay-nonce"]);
      }
      return response;
    },
  );
  const url = `https://127.0.0.1:${server.addr.port}`;
  const gaveUp = new AbortController();
  const http = new AcmeHttp({
    caCerts: [authority.ca],
    signal: gaveUp.signal,
  });
  return {
    http,
    url,
    seen,
    bodies,
    gaveUp,
    post: (payload?: unknown, account?: string) =>
      http.post(`${url}/new`, payload, {
        ...{ key, account, newNonce: `${url}/nonce` },
      }),
    async [Symbol.asyncDispose]() {
      http[Symbol.dispose]();
      await server.shutdown();
    },
  };
}

function problem(status: number, type: string, more: object = {}): Response {
  const body = { type: `urn:ietf:params:acme:error:${type}`, ...more };
  return new Response(JSON.stringify(body), { status });
}

async function failureOf(call: Promise<unknown>): Promise<AcmeError> {
  try {
    await call;
  } catch (error) {
    assert.ok(error instanceof AcmeError, String(error));
    return error;
  }
  assert.fail("it does not fail");
}

Deno.test("a reply has its text, its place and when to come back", async () => {
  await using world = ca([() =>
    new Response("ü", {
      status: 201,
      headers: { location: "https://ca.test/1", "retry-after": "3" },
    })]);
  assert.deepEqual(await world.http.get(`${world.url}/directory`), {
    location: "https://ca.test/1",
    retryAfter: 3000,
    text: "ü",
  });
  await using bare = ca([]);
  assert.deepEqual(await bare.http.get(bare.url), {
    location: undefined,
    retryAfter: undefined,
    text: "",
  });
});

Deno.test("a request is signed by the key, and by the account once there is one", async () => {
  await using world = ca([]);
  await world.post({ a: 1 });
  await world.post(undefined, "https://ca.test/account/1");
  const url = `${world.url}/new`;
  assert.deepEqual(world.bodies, [
    {
      header: { jwk: key.jwk, nonce: "n1", url, alg: "ES256" },
      payload: '{"a":1}',
    },
    {
      header: {
        ...{ kid: "https://ca.test/account/1", nonce: "n2", url },
        alg: "ES256",
      },
      payload: "",
    },
  ]);
  // The nonce of the first reply was used; none was asked for again.
  assert.deepEqual(world.seen.map(({ method }) => method), [
    "HEAD",
    "POST",
    "POST",
  ]);
});

Deno.test("a nonce is used once: without a new one another is fetched", async () => {
  const noNonce = () => new Response("", { headers: { "x-no-nonce": "1" } });
  await using world = ca([noNonce, noNonce]);
  await world.post({});
  await world.post({});
  assert.deepEqual(world.seen.map(({ method }) => method), [
    ...["HEAD", "POST", "HEAD", "POST"],
  ]);
});

Deno.test("a request is sent again when its nonce was too old, five times at most", async () => {
  const old = () => problem(400, "badNonce", { detail: "too old" });
  await using world = ca([old, old, old, old, () => new Response("ok")]);
  assert.equal((await world.post({})).text, "ok");
  assert.equal(world.bodies.length, 5);

  await using stuck = ca(Array(9).fill(old));
  const { message, kind } = await failureOf(stuck.post({}));
  assert.deepEqual([message, kind], ["too old", "badNonce"]);
  assert.equal(stuck.bodies.length, 5);
});

Deno.test("another problem ends it at once, with the words of its first part", async () => {
  await using world = ca([
    () => problem(429, "rateLimited", { detail: "too many." }),
    () =>
      problem(403, "caa", {
        detail: "several",
        subproblems: [{ detail: "CAA of a.test" }, { detail: "other" }],
      }),
    () => problem(400, "malformed"),
  ]);
  const first = await failureOf(world.post({}));
  assert.deepEqual([first.message, first.kind], ["too many", "rateLimited"]);
  const second = await failureOf(world.post({}));
  assert.deepEqual([second.message, second.kind], ["CAA of a.test", "caa"]);
  const third = await failureOf(world.post({}));
  assert.equal(third.message, "it gave no reason");
  assert.equal(world.bodies.length, 3);
});

for (const content of ["<html>", "{}", '{"detail":"x"}', "[]"]) {
  Deno.test(`a failure with ${content} is its status`, async () => {
    await using world = ca([
      () =>
        new Response(content, {
          status: 503,
          headers: { "retry-after": "7" },
        }),
    ]);
    const error = await failureOf(world.http.get(world.url));
    const host = new URL(world.url).host;
    assert.equal(error.message, `"${host}" responded with status 503`);
    assert.equal(error.retryAfter, 7000);
    assert.equal(error.kind, undefined);
  });
}

Deno.test("a CA without nonces does not count as an ACME server", async () => {
  await using world = ca([], { nonces: false });
  const { message } = await failureOf(world.post({}));
  assert.equal(message, `"${new URL(world.url).host}" gives no nonce`);
});

Deno.test("only https: is spoken, and no redirect is followed", async () => {
  await using world = ca([
    () =>
      new Response(null, {
        status: 302,
        headers: { location: "https://127.0.0.1:1/" },
      }),
  ]);
  const plain = await failureOf(world.http.get("http://127.0.0.1:1/"));
  assert.equal(
    plain.message,
    "the CA leads to an address that is not https:",
  );
  const led = await failureOf(world.http.get(world.url));
  assert.equal(led.kind, "unreachable");
});

Deno.test("a reply has 256 KiB at most", async () => {
  const most = 256 * 1024;
  await using world = ca([
    () => new Response("x".repeat(most)),
    () => new Response("x".repeat(most + 1)),
  ]);
  const { text } = await world.http.get(world.url);
  assert.equal(text.length, most);
  const { message } = await failureOf(world.http.get(world.url));
  assert.equal(
    message,
    `the CA at "${new URL(world.url).host}" cannot be reached: its reply is ` +
      "over 262144 bytes",
  );
});

Deno.test("a certificate that is not trusted differs from a CA that is down", async () => {
  await using world = ca([]);
  const { signal } = new AbortController();
  using stranger = new AcmeHttp({ signal });
  const untrusted = await failureOf(stranger.get(world.url));
  assert.equal(untrusted.kind, "untrusted");
  assert.match(untrusted.message, /: its certificate is not trusted \(.+\)$/);
  const down = await failureOf(stranger.get("https://127.0.0.1:1/"));
  assert.equal(down.kind, "unreachable");
  assert.match(
    down.message,
    /^the CA at "127\.0\.0\.1:1" cannot be reached: ./,
  );
});

Deno.test("a server that stops does not hear that the CA is down", async () => {
  await using world = ca([]);
  const reason = new Error("the server stops");
  world.gaveUp.abort(reason);
  await assert.rejects(world.http.get(world.url), reason);
});

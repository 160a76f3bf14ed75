/** SOCKS 5 on the port for browsers: what becomes CONNECT, and which reply the browser gets. */
import assert from "node:assert/strict";
import { parseBasicCredentials } from "../../../src/http/basic_credentials.ts";
import type {
  Handler,
  ProxyRequest,
  ProxyResponse,
} from "../../../src/http/exchange.ts";
import { Fields } from "../../../src/http/fields.ts";
import { ProxyError } from "../../../src/proxy/errors/errors.ts";
import {
  serveSocks5,
  type Socks5Options,
} from "../../../src/server/proxy/socks5_handler.ts";
import { within } from "../../testing/deadline.ts";
import { createMemoryDuplex } from "../../testing/memory_duplex.ts";
import { ByteScanner, bytesOf } from "../../testing/byte_scanner.ts";

const NO_LOGIN = "\x05\x01\x00";
const PASSWORD = "\x05\x01\x02";
const LOGIN = "\x01\x03ann\x06secret";
const REQUEST = "\x05\x01\x00\x03\x06a.test\x01\xbb";

function page(status: number, reason?: string): ProxyResponse {
  const fields = new Fields(
    reason === undefined ? [] : ["X-Sallyport-Error", `${reason} a.test`],
  );
  return { kind: "response", status, fields, body: undefined };
}

/** A browser that sends this, and all that it gets. */
async function talk(
  input: string,
  { handler = () => Promise.resolve(page(502)), ...options }: Partial<
    Socks5Options
  > = {},
): Promise<readonly number[]> {
  const [near, far] = createMemoryDuplex();
  const serving = serveSocks5(near, {
    handler,
    allowAnonymous: true,
    authorize: () => Promise.resolve({} as never),
    signal: new AbortController().signal,
    ...options,
  });
  await far.write(bytesOf(input));
  const all = new ByteScanner(far).readAll();
  await within(serving, "the connection to end");
  const got = await within(all, "all bytes");
  far.close();
  return [...got];
}

const BOUND = [0, 1, 0, 0, 0, 0, 0, 0];

/** The response to CONNECT → the reply of SOCKS (RFC 1928 §6). */
const REPLIES = [
  [page(403), 2],
  [page(407), 2],
  [page(451), 2],
  [page(503), 3],
  [page(504), 6],
  [page(502), 1],
  [page(502, "name_not_found"), 4],
  [page(502, "dns_failed"), 4],
  [page(502, "net_dial"), 5],
  [page(502, "other"), 1],
  [page(403, "name_not_found"), 2],
] as const;

for (const [response, code] of REPLIES) {
  const { status, fields } = response;
  const reason = fields.get("x-sallyport-error") ?? "";
  Deno.test(`${status} ${reason} is the reply ${code}`, async () => {
    const got = await talk(NO_LOGIN + REQUEST, {
      handler: () => Promise.resolve(response),
    });
    assert.deepEqual(got, [5, 0, 5, code, ...BOUND]);
  });
}

Deno.test("a request becomes CONNECT, with the credentials that came, or without", async () => {
  const seen: ProxyRequest[] = [];
  await talk(NO_LOGIN + REQUEST, {
    handler: (request) => {
      seen.push(request);
      return Promise.resolve(page(502));
    },
  });
  const [request] = seen;
  assert.equal(request?.kind, "connect");
  assert.equal(request?.method, "CONNECT");
  assert.equal(request?.authority, "a.test:443");
  assert.equal(request?.fields.size, 0);
});

Deno.test("a login is checked as Proxy-Authorization, and goes with the request", async () => {
  const checked: unknown[] = [];
  const ids = new Set<string>();
  for (let turn = 0; turn < 2; turn++) {
    await talk(PASSWORD + LOGIN + REQUEST, {
      allowAnonymous: false,
      authorize: (text) => {
        checked.push(parseBasicCredentials(text));
        return Promise.resolve({} as never);
      },
      handler: ({ fields }, { id }) => {
        ids.add(id);
        checked.push(
          parseBasicCredentials(fields.get("proxy-authorization")),
        );
        return Promise.resolve(page(502));
      },
    });
  }
  const login = { username: "ann", password: "secret" };
  assert.deepEqual(checked, [login, login, login, login]);
  assert.equal(ids.size, 2);
});

Deno.test("a login is needed where nobody may be without", async () => {
  assert.deepEqual(await talk(NO_LOGIN, { allowAnonymous: false }), [5, 255]);
});

Deno.test("a wrong login is refused, and nothing else happens", async () => {
  const got = await talk(PASSWORD + LOGIN, {
    authorize: () => Promise.reject(new ProxyError("credentialsWrong", "ann")),
    handler: () => assert.fail("it asks"),
  });
  assert.deepEqual(got.slice(0, 3), [5, 2, 1]);
  assert.notEqual(got[3], 0);
});

Deno.test("a login that cannot be checked ends the connection without a word", async () => {
  const got = await talk(PASSWORD + LOGIN, {
    authorize: () => Promise.reject(new Error("database is locked")),
  });
  assert.deepEqual(got, [5, 2]);
});

Deno.test("a name that cannot be an authority is refused at once", async () => {
  const got = await talk(`${NO_LOGIN}\x05\x01\x00\x03\x03a b\x01\xbb`, {
    handler: () => assert.fail("it asks"),
  });
  assert.deepEqual(got, [5, 0, 5, 1, ...BOUND]);
});

Deno.test("a tunnel carries bytes both ways, and both ends are closed", async () => {
  const [site, far] = createMemoryDuplex();
  const handler: Handler = () =>
    Promise.resolve({
      ...{ kind: "stream", status: 200, fields: new Fields(), stream: site },
    });
  const echoing = (async () => {
    const into = new Uint8Array(100);
    const count = await far.read(into) ?? 0;
    await far.write(into.subarray(0, count));
    await far.closeWrite();
    return await far.read(into);
  })();
  const [near, browser] = createMemoryDuplex();
  const serving = serveSocks5(near, {
    handler,
    allowAnonymous: true,
    authorize: () => Promise.resolve({} as never),
    signal: new AbortController().signal,
  });
  await browser.write(bytesOf(`${NO_LOGIN}${REQUEST}hello`));
  await browser.closeWrite();
  const got = await within(new ByteScanner(browser).readAll(), "the echo");
  await within(serving, "the connection to end");
  assert.deepEqual([...got], [5, 0, 5, 0, ...BOUND, ...bytesOf("hello")]);
  assert.equal(await within(echoing, "the end"), null);
  browser.close();
  far.close();
});

Deno.test("a server that stops ends a negotiation", async () => {
  const stop = new AbortController();
  const [near, browser] = createMemoryDuplex();
  const serving = serveSocks5(near, {
    handler: () => assert.fail("it asks"),
    allowAnonymous: true,
    authorize: () => assert.fail("it checks"),
    signal: stop.signal,
  });
  await browser.write(bytesOf("\x05"));
  stop.abort();
  await within(serving, "the connection to end");
  browser.close();
});

Deno.test("a handler that fails ends the connection", async () => {
  const got = await talk(NO_LOGIN + REQUEST, {
    handler: () => Promise.reject(new Error("defect")),
  });
  assert.deepEqual(got, [5, 0]);
});

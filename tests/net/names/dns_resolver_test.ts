/** @module */
import assert from "node:assert/strict";
import {
  type DnsOptions,
  dnsResolver,
} from "../../../src/net/names/dns_resolver.ts";
import { udpErrorOf } from "../../../src/net/names/dns_exchange.ts";
import {
  type DnsSaying,
  type DnsServer,
  startDnsServer,
  zone,
} from "../../testing/dns_server.ts";

const { signal } = new AbortController();

const IP4 = ["10.0.0.1", "10.0.0.2", "10.0.0.3"] as const;
const IP6 = ["2001:db8:0:0:0:0:0:1", "2001:db8:0:0:0:0:0:2"] as const;
/** For tests in which nobody is silent; one that hangs must not pass. */
const LONG = 3_600_000;
/** For tests in which somebody is silent. */
const SHORT = 200;

/** Servers, and a resolver that asks them. */
async function start(
  says: readonly Parameters<typeof startDnsServer>[0][],
  options: Omit<DnsOptions, "servers"> = {},
) {
  await using stack = new AsyncDisposableStack();
  const servers: DnsServer[] = [];
  for (const say of says) servers.push(stack.use(await startDnsServer(say)));
  const parts = stack.move();
  const resolve = dnsResolver({
    servers: servers.map(({ address }) => address),
    timeout: LONG,
    ...options,
  });
  return {
    servers,
    resolve: (name: string) => resolve(name, signal),
    resolveUntil: resolve,
    asked: () => servers.map(({ questions }) => questions.length > 0),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

function always(saying: DnsSaying): () => DnsSaying {
  return () => saying;
}

Deno.test("dnsResolver() gives the addresses of both families in turns", async () => {
  await using dns = await start([zone({ "a.test": [...IP4, ...IP6] })]);

  assert.deepEqual(await dns.resolve("a.test"), [
    "2001:db8::1",
    "10.0.0.1",
    "2001:db8::2",
    "10.0.0.2",
    "10.0.0.3",
  ]);
  assert.deepEqual(
    dns.servers[0]?.questions.toSorted(),
    ["A a.test", "AAAA a.test"],
  );
});

Deno.test("dnsResolver() finds names that have addresses of one family only", async () => {
  await using dns = await start([
    zone({ "four.test": [IP4[0]], "six.test": [IP6[0]] }),
  ]);

  assert.deepEqual(await dns.resolve("four.test"), ["10.0.0.1"]);
  assert.deepEqual(await dns.resolve("six.test"), ["2001:db8::1"]);
});

Deno.test("dnsResolver() looks up names in any spelling", async () => {
  await using dns = await start([
    zone({ "a.test": [IP4[0]], "x_y.test": [IP4[1]], "intranet": [IP4[2]] }),
  ]);

  assert.deepEqual(await dns.resolve("A.Test."), ["10.0.0.1"]);
  assert.deepEqual(await dns.resolve("x_y.test"), ["10.0.0.2"]);
  assert.deepEqual(await dns.resolve("intranet"), ["10.0.0.3"]);
});

Deno.test("dnsResolver() sends no query for what cannot be a name", async () => {
  await using dns = await start([zone({})]);

  for (const name of ["", "a..test", "ä.test", `${"x".repeat(64)}.test`]) {
    assert.equal(await dns.resolve(name), undefined);
  }
  assert.equal(await dns.resolve(`${"x.".repeat(127)}test`), undefined);
  assert.deepEqual(dns.asked(), [false]);
});

Deno.test("dnsResolver() follows an alias that the reply explains", async () => {
  await using dns = await start([({ type }) => ({
    records: [
      ...type === "A"
        ? [{ name: "c.test", type, data: IP4[0] }, {
          name: "elsewhere.test",
          type,
          data: IP4[1],
        }]
        : [],
      { name: "b.test", type: "CNAME", data: "C.test" },
      { name: "a.test", type: "CNAME", data: "b.test" },
    ],
  })]);

  assert.deepEqual(await dns.resolve("a.test"), ["10.0.0.1"]);
});

Deno.test("dnsResolver() looks up an alias that the reply does not explain", async () => {
  await using dns = await start([({ name, type }) => {
    if (name !== "a.test") {
      return zone({ "b.test": [...IP4] })({ name, type, transport: "udp" });
    }
    return { records: [{ name, type: "CNAME", data: "b.test" }] };
  }]);

  assert.deepEqual(await dns.resolve("a.test"), IP4);
});

Deno.test("dnsResolver() gives up aliases that go round in a circle", async () => {
  await using dns = await start([({ name }) => ({
    records: [{
      name,
      type: "CNAME",
      data: name === "a.test" ? "b.test" : "a.test",
    }],
  })]);

  await assert.rejects(dns.resolve("a.test"), { code: "nameServerFailed" });
});

Deno.test("dnsResolver() sends no query for an alias that cannot be a name", async () => {
  await using dns = await start([({ name }) => ({
    records: [{ name, type: "CNAME", data: "b c.test" }],
  })]);

  await assert.rejects(dns.resolve("a.test"), { code: "nameServerFailed" });
  assert.deepEqual(
    dns.servers[0]?.questions.toSorted(),
    ["A a.test", "AAAA a.test"],
  );
});

Deno.test("dnsResolver() takes a long reply over TCP", async () => {
  const many = Array.from({ length: 60 }, (_, at) => `10.0.1.${at}`);
  const all = zone({ "a.test": many });
  await using dns = await start([
    (question) => question.transport === "udp" ? "truncated" : all(question),
  ]);

  // No name has more addresses worth trying.
  assert.deepEqual(await dns.resolve("a.test"), many.slice(0, 16));
});

Deno.test('dnsResolver() takes "no such name" as a reply', async () => {
  await using dns = await start([zone({}), zone({ "a.test": [...IP4] })]);

  assert.equal(await dns.resolve("a.test"), undefined);
  assert.deepEqual(dns.asked(), [true, false]);
});

Deno.test('dnsResolver() takes "no address" as a reply', async () => {
  await using dns = await start([
    zone({ "a.test": [] }),
    zone({ "a.test": [...IP4] }),
  ]);

  assert.equal(await dns.resolve("a.test"), undefined);
  assert.deepEqual(dns.asked(), [true, false]);
});

for (
  const saying of [
    { code: "failed" },
    { code: "refused" },
    "truncated",
    { bytes: (reply) => [reply.subarray(0, 14)] },
  ] as const satisfies readonly DnsSaying[]
) {
  Deno.test(`dnsResolver() queries the second server after ${JSON.stringify(saying)}`, async () => {
    await using dns = await start([
      always(saying),
      zone({ "a.test": [...IP4] }),
    ]);

    assert.deepEqual(await dns.resolve("a.test"), IP4);
  });
}

Deno.test("dnsResolver() queries the second server in time when the first is dead", async () => {
  await using dns = await start([
    always("silence"),
    zone({ "a.test": [...IP4] }),
  ], { timeout: 2 * SHORT });
  const began = performance.now();

  assert.deepEqual(await dns.resolve("a.test"), IP4);
  assert.ok(performance.now() - began >= SHORT);
});

Deno.test("dnsResolver() queries a dead server last from then on", async () => {
  await using dns = await start([
    always("silence"),
    zone({ "a.test": [...IP4] }),
  ], { timeout: 2 * SHORT });

  await dns.resolve("a.test");
  const questions = dns.servers[0]?.questions.length;
  await dns.resolve("a.test");

  assert.equal(dns.servers[0]?.questions.length, questions);
});

Deno.test("dnsResolver() queries a dead server first again after its rest", async () => {
  await using dns = await start([
    always("silence"),
    zone({ "a.test": [...IP4] }),
  ], { timeout: 2 * SHORT, rest: 0 });

  await dns.resolve("a.test");
  const questions = dns.servers[0]?.questions.length ?? 0;
  await dns.resolve("a.test");

  assert.equal(dns.servers[0]?.questions.length, 2 * questions);
});

Deno.test("dnsResolver() says what is wrong with the servers when all fail", async () => {
  await using dns = await start([
    always("silence"),
    always({ code: "refused" }),
  ], { timeout: SHORT });
  const [silent, refusing] = dns.servers.map(({ address }) => address.port);

  await assert.rejects(dns.resolve("a.test"), {
    name: "DialError",
    code: "nameServerFailed",
    message: 'Cannot find "a.test": no DNS server responded ' +
      `(127.0.0.1:${silent}: no response in time; ` +
      `127.0.0.1:${refusing}: it refused the query)`,
  });
});

Deno.test("dnsResolver() does not wait long for the family that a server is silent about", async () => {
  const four = zone({ "a.test": [...IP4] });
  await using dns = await start([
    (question) => question.type === "AAAA" ? "silence" : four(question),
  ]);

  assert.deepEqual(await dns.resolve("a.test"), IP4);
});

Deno.test("dnsResolver() gives the addresses of one family when the server fails for the other", async () => {
  const six = zone({ "a.test": [IP6[0]] });
  await using dns = await start([
    (question) => question.type === "A" ? { code: "failed" } : six(question),
  ]);

  assert.deepEqual(await dns.resolve("a.test"), ["2001:db8::1"]);
});

Deno.test("dnsResolver() sends a query again when it gets lost", async () => {
  let lost = false;
  const all = zone({ "a.test": [IP4[0]] });
  await using dns = await start([(question) => {
    if (question.type === "AAAA" || lost) return all(question);
    lost = true;
    return "silence";
  }]);

  assert.deepEqual(await dns.resolve("a.test"), ["10.0.0.1"]);
});

Deno.test("dnsResolver() does not believe replies to other questions", async () => {
  const other = (reply: Uint8Array, at: number) =>
    reply.with(at, (reply[at] ?? 0) ^ 1);
  await using dns = await start([({ type }) => ({
    bytes: (reply) => {
      const nxdomain = reply.with(3, 0x83);
      // Another id, another name, another type, a question in place of a reply.
      return [
        other(nxdomain, 0),
        other(nxdomain, 13),
        other(nxdomain, nxdomain.length - 3),
        nxdomain.with(2, 0x01),
        ...type === "A" ? [addressReply(reply)] : [reply],
      ];
    },
  })]);

  assert.deepEqual(await dns.resolve("a.test"), ["10.0.0.1"]);
});

Deno.test("dnsResolver() starts with another server each time when they take turns", async () => {
  await using dns = await start(
    IP4.map((ip) => zone({ "a.test": [ip] })),
    { roundRobin: true },
  );
  const seen: unknown[] = [];

  for (let times = 0; times < 4; times++) {
    seen.push(await dns.resolve("a.test"));
  }

  assert.deepEqual(seen.flat(), [...IP4, IP4[0]]);
});

Deno.test("dnsResolver() goes on to another server also when they take turns", async () => {
  await using dns = await start([
    always({ code: "failed" }),
    zone({ "a.test": [IP4[0]] }),
  ], { roundRobin: true });

  assert.deepEqual(await dns.resolve("a.test"), ["10.0.0.1"]);
  assert.deepEqual(await dns.resolve("a.test"), ["10.0.0.1"]);
});

for (const transport of ["udp", "tcp"] as const) {
  Deno.test(`dnsResolver() stops waiting over ${transport} when its signal is aborted`, async () => {
    const stop = new AbortController();
    await using dns = await start([(question) => {
      if (question.transport !== transport) return "truncated";
      stop.abort(new RangeError("enough"));
      return "silence";
    }]);

    await assert.rejects(dns.resolveUntil("a.test", stop.signal), {
      message: "enough",
    });
  });
}

Deno.test("dnsResolver() sends no query when its signal is aborted already", async () => {
  await using dns = await start([zone({})]);
  const aborted = AbortSignal.abort(new RangeError("enough"));

  await assert.rejects(dns.resolveUntil("a.test", aborted), {
    message: "enough",
  });
  assert.deepEqual(dns.asked(), [false]);
});

/** A reply without records, with an A record 10.0.0.1 whose name is a pointer. */
function addressReply(reply: Uint8Array): Uint8Array {
  const record = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 0, 0, 1];
  return Uint8Array.of(...reply.with(7, 1), ...record);
}

Deno.test("a server at whose port nothing listens is silent at once, and the next one responds", async () => {
  const asked: string[] = [];
  const [dead, alive] = ["192.0.2.1", "192.0.2.2"];
  const resolve = dnsResolver({
    servers: [dead, alive].map((hostname = "") => ({ hostname, port: 53 })),
    timeout: LONG,
    exchange({ hostname }, { type }) {
      asked.push(`${hostname} ${type}`);
      return hostname === dead
        // What a socket of Windows says.
        ? Promise.reject(
          udpErrorOf(Object.assign(new Error("reset"), { code: "ECONNRESET" })),
        )
        : Promise.resolve({
          kind: "addresses",
          addresses: type === "A" ? [IP4[0]] : [],
        });
    },
  });

  assert.deepEqual(await resolve("shop.test", signal), [IP4[0]]);
  assert.equal(asked.length, 4);
});

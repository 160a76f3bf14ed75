/** Each failure of an upstream proxy in words, and for each place that it is configured at. */
import assert from "node:assert/strict";
import { Http1Error } from "../../../src/http1/errors.ts";
import type { UpstreamProxy } from "../../../src/net/address/upstream_proxy.ts";
import type { DialErrorCode } from "../../../src/net/dial_error.ts";
import {
  loginFault,
  loginPlace,
  type NamedProxy,
  protocolOf,
  unreadableProxy,
  upstreamError,
  type UpstreamOption,
} from "../../../src/proxy/upstream/upstream_error.ts";

const PROXY: UpstreamProxy = {
  protocol: "http",
  hostname: "p.test",
  port: 3128,
  credentials: undefined,
};
const NAME = 'the upstream proxy "http://p.test:3128"';
const OPTIONS: readonly UpstreamOption[] = [
  "--proxy",
  "--proxy-server",
  "--pac",
  'plugin "a"',
];

function named(option: UpstreamOption = "--proxy"): NamedProxy {
  return { proxy: PROXY, option };
}

const WORDS: Readonly<Record<DialErrorCode, string>> = {
  nameNotFound: "DNS on the client's machine does not know the host of " +
    `${NAME}: check --proxy`,
  nameServerFailed: "no DNS server of the client's machine responded for the " +
    `host of ${NAME}: check --dns-server`,
  refused: `nothing listens at ${NAME}: start it, or check --proxy`,
  unreachable: `the client's network has no route to ${NAME}: check --proxy`,
  timedOut: `${NAME} did not respond in time: check whether it works, and ` +
    "--proxy",
  certificate: `the certificate of ${NAME} is not trusted because odd`,
  notTls: `${NAME} does not speak TLS: write http:// in --proxy`,
  tls: `${NAME} and the client cannot agree on TLS (odd): check how that ` +
    "proxy is configured, and --proxy",
  credentials: `${NAME} odd`,
  protocol: `${NAME} does not speak HTTP (odd): check --proxy`,
  aborted: `${NAME} odd: check its log, and --proxy`,
  failed: `${NAME} odd: check its log, and --proxy`,
};

for (const [code, why] of Object.entries(WORDS)) {
  Deno.test(`${code} of an upstream proxy says what to do`, () => {
    const cause = new Error("why");
    const error = upstreamError(code as DialErrorCode, named(), {
      target: "shop.test:443",
      detail: "odd",
      cause,
    });
    assert.equal(error.message, `Cannot reach "shop.test:443": ${why}`);
    assert.deepEqual([error.code, error.why, error.isOfProxy, error.cause], [
      ...[code, why, true, cause],
    ]);
  });
}

Deno.test("a script is what is checked of --pac", () => {
  const { why } = upstreamError("refused", named("--pac"), { target: "a" });
  assert.match(why ?? "", /check the script of --pac$/);
});

/** What it speaks → its name, and the word of a script. */
const SPOKEN = [
  ["http", "HTTP", "PROXY"],
  ["https", "TLS", "HTTPS"],
  ["socks5", "SOCKS 5", "SOCKS5"],
] as const;

for (const [spoken, label, word] of SPOKEN) {
  Deno.test(`a proxy that speaks ${label} is configured so, wherever it is`, () => {
    const whys = OPTIONS.map((option) =>
      upstreamError("protocol", named(option), { target: "a", spoken }).why
    );
    const start = `${NAME} speaks ${label}: `;
    assert.deepEqual(whys, [
      `${start}write ${spoken}:// in --proxy`,
      `${start}write ${spoken}:// in --proxy-server`,
      `${start}let the script of --pac return "${word}" for it`,
      `${start}let plugin "a" return ${spoken}:// for it`,
    ]);
  });
}

/** The first byte → what speaks so. */
const FIRST = [
  [0x15, "https"],
  [0x16, "https"],
  [0x05, "socks5"],
  [0x48, "http"],
  [0x14, undefined],
  [0x49, undefined],
  [undefined, undefined],
] as const;

for (const [first, protocol] of FIRST) {
  Deno.test(`what begins with ${first} is ${protocol}`, () => {
    assert.equal(protocolOf(first), protocol);
    const cause = new Http1Error("malformed", "no: odd", { why: "odd", first });
    const { code, why } = unreadableProxy(cause, named(), "a");
    assert.equal(code, "protocol");
    const wanted = protocol === undefined ? /\(odd\)/ : / speaks /;
    assert.match(why ?? "", wanted);
  });
}

for (
  const [of, code, words] of [
    ["timeout", "timedOut", /did not respond in time/],
    ["cutShort", "failed", /closed the connection before it responded/],
    ["staleConnection", "failed", /closed the connection before it responded/],
  ] as const
) {
  Deno.test(`a response with ${of} is ${code}`, () => {
    const cause = new Http1Error(of, "no");
    const error = unreadableProxy(cause, named(), "a");
    assert.equal(error.code, code);
    assert.match(error.message, words);
    assert.equal(error.cause, cause);
  });
}

const WANTS = "wants a user name and password: ";

Deno.test("a login has its place, by what the proxy comes from", () => {
  assert.deepEqual(OPTIONS.map(loginPlace), [
    "give the right ones in --proxy or with --auth",
    "give the right ones in --proxy-server",
    "give the right ones with --auth",
    'let plugin "a" return the right ones, or give them with --auth',
  ]);
});

for (
  const challenge of [
    undefined,
    "",
    'Basic realm="a"',
    'BASIC realm="a, b"',
    'NTLM, Basic realm="a"',
    "Negotiate abc=, basic",
  ]
) {
  Deno.test(`a challenge ${challenge} takes a password`, () => {
    assert.equal(
      loginFault(challenge, named()),
      WANTS + loginPlace("--proxy"),
    );
    const credentials = { username: "u", password: "p" };
    assert.equal(
      loginFault(challenge, {
        proxy: { ...PROXY, credentials },
        option: "--proxy",
      }),
      `rejects the client's user name and password: ${loginPlace("--proxy")}`,
    );
  });
}

for (
  const [challenge, schemes] of [
    ["NTLM", "NTLM"],
    ["Negotiate, NTLM", "Negotiate or NTLM"],
    ['Digest realm="Basic, Basic", qop=auth', "Digest"],
  ] as const
) {
  Deno.test(`a challenge ${challenge} is for ${schemes} alone`, () => {
    assert.equal(
      loginFault(challenge, named()),
      `wants a login by ${schemes}, and only Basic is supported: let it ` +
        "accept Basic, or use a local proxy that logs in to it, such as Px " +
        "or Cntlm",
    );
  });
}

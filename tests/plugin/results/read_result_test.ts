import assert from "node:assert/strict";
import {
  checkedMethod,
  checkedStatus,
  checkedUrl,
  readConnect,
  readProxy,
  readResolve,
} from "../../../src/plugin/results/read_result.ts";

Deno.test("a hook may return nothing, and then changes nothing", () => {
  const readers = [readConnect, readResolve];

  for (const read of readers) assert.equal(read(undefined), undefined);
});

Deno.test("resolve returns a list of addresses, and nothing else", () => {
  assert.deepEqual(readResolve(["192.0.2.1", "::1"]), ["192.0.2.1", "::1"]);
  assert.deepEqual(readResolve([]), []);
  for (
    const [returned, why] of [
      [null, "it returned nothing, return a list of IP addresses"],
      ["::1", "it returned a string, return a list of IP addresses"],
      [{ 0: "::1" }, "it returned an Object, return a list of IP addresses"],
      [["::1", "a.test"], 'it returned "a.test", which is not an IP address'],
      [["[::1]"], 'it returned "[::1]", which is not an IP address'],
      [[1], "it returned 1, which is not an IP address"],
    ] as const
  ) {
    assert.throws(() => readResolve(returned), new TypeError(why));
  }
});

Deno.test("resolve keeps sixteen addresses", () => {
  const all = Array.from({ length: 17 }, (_, at) => `192.0.2.${at}`);

  assert.deepEqual(readResolve(all), all.slice(0, 16));
});

for (
  const [status, isValid] of [
    [199, false],
    [200, true],
    [599, true],
    [600, false],
    [200.5, false],
    ["200", false],
  ] as const
) {
  Deno.test(`a changed status of ${JSON.stringify(status)} is ${isValid ? "taken" : "refused"}`, () => {
    const read = () => checkedStatus(status);

    if (isValid) assert.equal(read(), status);
    else assert.throws(read, /^TypeError: "status" is .*, use 200 to 599$/);
  });
}

for (
  const [port, isValid] of [
    [0, false],
    [1, true],
    [65_535, true],
    [65_536, false],
    [80.5, false],
    ["80", false],
  ] as const
) {
  Deno.test(`a connection to port ${JSON.stringify(port)} is ${isValid ? "made" : "refused"}`, () => {
    const read = () => readConnect({ port });

    if (isValid) assert.deepEqual(read(), { port });
    else assert.throws(read, /^TypeError: "port" is .*, use 1 to 65535$/);
  });
}

Deno.test("a method is a token, and not CONNECT", () => {
  assert.equal(checkedMethod("PURGE"), "PURGE");
  for (const method of ["", "a b", "CONNECT", 1, undefined]) {
    assert.throws(() => checkedMethod(method), /^TypeError: "method" is /);
  }
});

Deno.test("a URL is of the web, and without credentials", () => {
  assert.equal(checkedUrl("/b", "http://a.test/a").href, "http://a.test/b");
  assert.equal(checkedUrl(new URL("https://a.test")).href, "https://a.test/");
  for (const url of ["", "/b", "ftp://a.test", "http://u@a.test", 1]) {
    assert.throws(() => checkedUrl(url), /^TypeError: "url" (?:is|has) /);
  }
});

Deno.test("connect may change name and port, or refuse with a reason of 200 characters", () => {
  assert.deepEqual(readConnect({}), {});
  assert.deepEqual(readConnect({ hostname: "b.test" }), { hostname: "b.test" });
  assert.deepEqual(readConnect({ refuse: "r".repeat(201), port: 0 }), {
    refuse: "r".repeat(200),
  });
  for (
    const [returned, why] of [
      [{ refuse: "" }, '"refuse" is empty, use a non-empty string'],
      [{ hostname: 1 }, '"hostname" is a number, use a non-empty string'],
      [
        { host: "b" },
        'it returned "host", which is none of refuse, hostname, port, proxy',
      ],
      [[], "it returned an array, return { refuse, hostname, port, proxy }"],
    ] as const
  ) {
    assert.throws(() => readConnect(returned), new TypeError(why));
  }
});

Deno.test("connect may return null, and then changes nothing", () => {
  assert.equal(readConnect(null), undefined);
});

/** What `connect` returned of a name or a proxy → what becomes of it, or why it is refused. */
const PLACES: readonly (readonly [returned: unknown, outcome: unknown])[] = [
  [{ hostname: "B.Test" }, { hostname: "b.test" }],
  [{ hostname: "::1", port: 8080 }, { hostname: "::1", port: 8080 }],
  [
    { hostname: "a b" },
    '"hostname" is "a b", use a name or an IP address',
  ],
  [{ proxy: "direct" }, { proxy: "direct" }],
  [{ proxy: "socks5://p.test:1080" }, { proxy: "socks5://p.test:1080" }],
  [{ proxy: 1 }, '"proxy" is a number, use a non-empty string'],
  ...["ftp://ann:secret@p.test:1", "http://ann:secret@a b:1"].map((proxy) =>
    [
      { proxy },
      '"proxy" is not valid, use "direct" or ' +
      "http|https|socks5://[user:password@]host:port",
    ] as const
  ),
];

for (const [returned, outcome] of PLACES) {
  Deno.test(`connect may return ${JSON.stringify(returned)}, or not`, () => {
    if (typeof outcome !== "string") {
      assert.deepEqual(readConnect(returned), outcome);
    } else {
      assert.throws(() => readConnect(returned), new TypeError(outcome));
    }
  });
}

Deno.test("a proxy of connect is read with its login", () => {
  assert.equal(readProxy("direct"), "direct");
  assert.partialDeepStrictEqual(readProxy("socks5://ann:secret@p.test:1080"), {
    hostname: "p.test",
    port: 1080,
  });
});

Deno.test("a connection goes through a proxy with its protocol, or directly", () => {
  for (
    const proxy of [
      "direct",
      "http://proxy.test:3128",
      "https://jane:p%40ss@proxy.test",
      "socks5://[::1]:1080",
    ]
  ) {
    assert.deepEqual(readConnect({ proxy }), { proxy });
  }
  for (
    const proxy of [
      ...[
        "",
        "ftp://s3cret@a.test:1",
        "http://",
        "DIRECT",
        "a.test:80",
        1,
        {},
        null,
      ],
      ...["http://a.test:1/path", "http://a b:1", "http://a.test:99999"],
      ...["http://a\r\nX: s3cret:1", "http://s3cret:x@:1"],
    ]
  ) {
    assert.throws(() => readConnect({ proxy }), (error: Error) => {
      assert.ok(error instanceof TypeError);
      assert.match(error.message, /^"proxy" is /);
      assert.doesNotMatch(error.message, /s3cret/);
      return true;
    });
  }
});

Deno.test("a connection goes to a host that a request line can have", () => {
  for (const hostname of ["A.test", "10.0.0.1", "::1", "a_b.test"]) {
    assert.deepEqual(readConnect({ hostname }), {
      hostname: hostname.toLowerCase(),
    });
  }
  for (
    const hostname of ["a b", "a.test:80", "a\r\nX: 1", "a/b", "u@a", "", 1]
  ) {
    assert.throws(() => readConnect({ hostname }), {
      message: /^"hostname" is /,
    });
  }
});

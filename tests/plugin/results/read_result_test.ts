import assert from "node:assert/strict";
import {
  readConnect,
  readProxy,
  readRequest,
  readResolve,
  readResponse,
} from "../../../src/plugin/results/read_result.ts";

const URL_BEFORE = "http://a.test/x";

Deno.test("a hook may return nothing, and then changes nothing", () => {
  const readers = [
    readConnect,
    readResolve,
    readResponse,
    (returned: unknown) => readRequest(returned, URL_BEFORE),
  ];

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

/** Header fields of a Response that a plugin returns. */
function headersOf(response: Response): readonly (readonly string[])[] {
  const outcome = readRequest(response, URL_BEFORE);
  assert.equal(outcome?.kind, "respond");
  const flat = outcome?.kind === "respond" ? [...outcome.headers] : [];
  return flat.flatMap((name, at) =>
    at % 2 === 0 ? [[name.toLowerCase(), flat[at + 1] ?? ""]] : []
  );
}

Deno.test("a Response of a plugin keeps its coding; one of fetch has been decoded", () => {
  const headers = { "Content-Encoding": "gzip", "X-A": "1" };
  const own = new Response("x", { headers });
  const fetched = new Response("x", { headers });
  Object.defineProperty(fetched, "url", { value: "http://a.test/" });

  const names = (response: Response) =>
    headersOf(response).map(([name]) => name).filter((name) =>
      name !== "content-type"
    ).toSorted();
  assert.deepEqual(names(own), ["content-encoding", "x-a"]);
  assert.deepEqual(names(fetched), ["x-a"]);
});

Deno.test("a Response with an interim status, or whose body is used, is refused", async () => {
  const used = new Response("x");
  await used.text();
  const interim = new Response(null);
  Object.defineProperty(interim, "status", { value: 199 });

  assert.throws(
    () => readRequest(used, URL_BEFORE),
    /a Response whose body is used, return a new one$/,
  );
  assert.throws(
    () => readRequest(interim, URL_BEFORE),
    /a Response with status 199, return 200 to 599$/,
  );
  assert.equal(
    readRequest(new Response(null, { status: 200 }), URL_BEFORE)?.kind,
    "respond",
  );
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
    const read = () => readResponse({ status });

    if (isValid) assert.equal(read()?.status, status);
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

/** What `request` returned → what becomes of the request. */
const CHANGES: readonly (readonly [returned: unknown, change: unknown])[] = [
  [{}, {}],
  [{ method: "PATCH" }, { method: "PATCH" }],
  [
    { url: "/b?c=d#e" },
    { destination: { scheme: "http", authority: "a.test", path: "/b?c=d" } },
  ],
  [
    { url: new URL("https://b.test:8443/") },
    { destination: { scheme: "https", authority: "b.test:8443", path: "/" } },
  ],
  [
    { host: "B.test" },
    { destination: { scheme: "http", authority: "b.test", path: undefined } },
  ],
  [
    { host: "b.test:80", url: "https://c.test/d" },
    { destination: { scheme: "https", authority: "b.test:80", path: "/d" } },
  ],
  [
    { host: "[::1]:8080" },
    {
      destination: { scheme: "http", authority: "[::1]:8080", path: undefined },
    },
  ],
];

for (const [returned, change] of CHANGES) {
  Deno.test(`a request is changed by ${JSON.stringify(returned)}`, () => {
    assert.deepEqual(readRequest(returned, URL_BEFORE), {
      ...{ kind: "change", method: undefined, destination: undefined },
      ...{ headers: undefined, body: undefined },
      ...change as Record<string, unknown>,
    });
  });
}

const KEYS = "method, url, host, headers, body";

/** What `request` must not return → why. */
const REFUSED: readonly (readonly [returned: unknown, why: string])[] = [
  [true, `it returned a boolean, return { ${KEYS} }`],
  [{ urls: "/" }, `it returned "urls", which is none of ${KEYS}`],
  [
    { method: "GET", status: 200 },
    `it returned "status", which is none of ${KEYS}; to answer, return a Response`,
  ],
  [{ method: "" }, '"method" is empty, use a non-empty string'],
  [{ method: 1 }, '"method" is a number, use a non-empty string'],
  [{ method: "A B" }, '"method" is "A B", which is not a valid method'],
  [{ method: "CONNECT" }, '"method" is "CONNECT", which is not a valid method'],
  [{ url: "http://" }, '"url" is "http://", which is not a valid URL'],
  [{ url: 5 }, '"url" is a number, use a non-empty string'],
  [{ url: "ftp://a.test/" }, '"url" is ftp:, use http: or https:'],
  [{ host: "" }, '"host" is empty, use a non-empty string'],
  ...["a b", "a/b", "a?b", "a#b", "u@a", "u:p@a", ":p@a", "a/"].map((host) =>
    [{ host }, `"host" is "${host}", use "name" or "name:port"`] as const
  ),
];

for (const [returned, why] of REFUSED) {
  Deno.test(`a request is not changed by ${JSON.stringify(returned)}`, () => {
    assert.throws(() => readRequest(returned, URL_BEFORE), new TypeError(why));
  });
}

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

Deno.test("response may change the status alone, and returns no Response", () => {
  assert.deepEqual(readResponse({ status: 404 }), {
    ...{ status: 404, headers: undefined, body: undefined },
  });
  assert.deepEqual(readResponse({}), {
    ...{ status: undefined, headers: undefined, body: undefined },
  });
  assert.throws(
    () => readResponse(new Response("x")),
    new TypeError("it returned a Response, return { status, headers, body }"),
  );
  assert.throws(
    () => readResponse({ method: "GET" }),
    new TypeError(
      'it returned "method", which is none of status, headers, body',
    ),
  );
});

Deno.test("connect, request and response may return null, and then change nothing", () => {
  const readers = [
    readConnect,
    readResponse,
    (returned: unknown) => readRequest(returned, URL_BEFORE),
  ];

  for (const read of readers) assert.equal(read(null), undefined);
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

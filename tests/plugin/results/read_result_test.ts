import assert from "node:assert/strict";
import {
  readConnect,
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

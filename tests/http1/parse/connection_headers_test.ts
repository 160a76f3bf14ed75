/** The fields about framing and connection, found in whatever case. */
import assert from "node:assert/strict";
import { Fields } from "../../../src/http/fields.ts";
import {
  type ConnectionHeaders,
  connectionHeaders,
} from "../../../src/http1/parse/connection_headers.ts";

const NONE: ConnectionHeaders = {
  host: undefined,
  hostLines: 0,
  contentLength: undefined,
  transferEncoding: undefined,
  connection: undefined,
  upgrade: undefined,
  expect: undefined,
};

/** Field → where it is found, and whether its lines are joined. */
const NAMES = {
  "content-length": "contentLength",
  "transfer-encoding": "transferEncoding",
  connection: "connection",
  upgrade: "upgrade",
  expect: "expect",
} as const;

function found(...lines: readonly (readonly [string, string])[]) {
  const fields = new Fields();
  for (const [name, value] of lines) fields.append(name, value);
  return connectionHeaders(fields);
}

for (const [name, key] of Object.entries(NAMES)) {
  Deno.test(`${name} is found, and its lines are joined`, () => {
    assert.deepEqual(found([name, "a"]), { ...NONE, [key]: "a" });
    assert.deepEqual(
      found(["x-other", "x"], [name.toUpperCase(), "a"], [name, "b"]),
      { ...NONE, [key]: "a, b" },
    );
  });
}

Deno.test("of several Host lines the last is found, and they are counted", () => {
  assert.deepEqual(found(["Host", "a"]), { ...NONE, host: "a", hostLines: 1 });
  assert.deepEqual(found(["Host", "a"], ["hOST", ""]), {
    ...NONE,
    host: "",
    hostLines: 2,
  });
});

Deno.test("other fields are left out, those of the same length too", () => {
  const others = ["hosts", "hose", "expecu", "upgradf", "connectioo"];
  const same = ["content-lengti", "transfer-encodinh", "content-type"];
  const lines = [...others, ...same].map((name) => [name, "a"] as const);
  assert.deepEqual(found(...lines), NONE);
  assert.deepEqual(found(), NONE);
});

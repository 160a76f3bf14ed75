/** Rules of the log: each module and mode, and what is close to one. */
import assert from "node:assert/strict";
import {
  HTTP_LOG_FIELDS,
  LOG_FIELDS,
  SERVER_HTTP_LOG_FIELDS,
} from "../../../src/config/options/log_config.ts";
import { HTTP_LOG_MODES } from "../../../src/log/http_log.ts";

const CLIENT = HTTP_LOG_FIELDS.logHttp.schema;
const SERVER = SERVER_HTTP_LOG_FIELDS.logHttp.schema;

for (const mode of HTTP_LOG_MODES) {
  Deno.test(`${mode} is for all modules, or for one`, () => {
    assert.deepEqual(CLIENT.parse([mode]), [{ module: undefined, mode }]);
    for (const module of ["api", "proxy", "control"] as const) {
      const raw = [`${module}:${mode}`];
      assert.deepEqual(CLIENT.decode(raw), [{ module, mode }]);
      assert.deepEqual(CLIENT.encode([{ module, mode }]), raw);
    }
    assert.deepEqual(CLIENT.encode([{ module: undefined, mode }]), [mode]);
  });
}

Deno.test("a server has no module control", () => {
  assert.equal(SERVER.safeParse(["proxy:url"]).success, true);
  assert.equal(SERVER.safeParse(["control:url"]).success, false);
});

/** A rule that is wrong → what is expected, and what may be meant. */
for (
  const [raw, near] of [
    ["headrs", /headers/],
    ["proxy:headrs", /headers/],
    [
      "proxi:url",
      /^expected one of none, short-url, url, headers, body, errors, after api:, proxy:, control: or alone/,
    ],
    ["", /^expected one of/],
    ["proxy:", /^expected one of/],
    ["url:proxy", /^expected one of/],
  ] as const
) {
  Deno.test(`"${raw}" is not a rule`, () => {
    const { success, error } = CLIENT.safeParse([raw]);
    assert.equal(success, false);
    const message = error?.issues[0]?.message ?? "";
    assert.match(message, /^expected one of/);
    assert.match(message, near);
  });
}

Deno.test("the log is text of level info, and goes to standard output", () => {
  assert.equal(LOG_FIELDS.logFormat.schema.parse(undefined), "text");
  assert.equal(LOG_FIELDS.logLevel.schema.parse(undefined), "info");
  assert.equal(LOG_FIELDS.logFile.schema.parse(undefined), undefined);
  assert.equal(LOG_FIELDS.logLevel.schema.safeParse("trace").success, false);
});

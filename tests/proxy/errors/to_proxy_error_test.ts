/** @module */
import assert from "node:assert/strict";
import {
  asOriginError,
  Http1Error,
  malformed,
} from "../../../src/http1/errors.ts";
import { DialError, type DialErrorCode } from "../../../src/net/dial_error.ts";
import { PacError } from "../../../src/pac/errors.ts";
import { PluginError } from "../../../src/plugin/api/errors.ts";
import {
  ProxyError,
  type ProxyErrorCode,
} from "../../../src/proxy/errors/errors.ts";
import { toProxyError } from "../../../src/proxy/errors/to_proxy_error.ts";
import { get } from "../requests.ts";

Deno.test("toProxyError() gives every failed dial its place", () => {
  const places: readonly (readonly [DialErrorCode, ProxyErrorCode])[] = [
    ["nameNotFound", "nameNotFound"],
    ["nameServerFailed", "nameServerFailed"],
    ["refused", "connectionRefused"],
    ["unreachable", "unreachable"],
    ["timedOut", "connectTimeout"],
    ["certificate", "certificate"],
    ["tls", "tlsFailed"],
    ["aborted", "aborted"],
    ["failed", "connectFailed"],
  ];
  for (const [dial, code] of places) {
    assert.equal(toProxyError(new DialError(dial, ""), get()).code, code, dial);
  }
});

Deno.test("toProxyError() tells the origin's mistakes from those of the request", () => {
  const places: readonly (readonly [Http1Error, ProxyErrorCode])[] = [
    [malformed("why"), "badRequest"],
    [asOriginError(malformed("why")), "badResponse"],
    [asOriginError(new Http1Error("headersTooLarge", "")), "responseTooLarge"],
    [new Http1Error("headersTooLarge", ""), "badRequest"],
    [asOriginError(new Http1Error("unsupportedVersion", "")), "badResponse"],
    [asOriginError(new Http1Error("timeout", "")), "responseTimeout"],
    [asOriginError(new Http1Error("cutShort", "")), "originClosed"],
    [new Http1Error("staleConnection", ""), "originClosed"],
    [new Http1Error("cancelled", ""), "aborted"],
  ];
  for (const [error, code] of places) {
    assert.equal(toProxyError(error, get()).code, code, error.code);
  }
});

Deno.test("toProxyError() tells plugins that refuse from plugins that fail", () => {
  const options = { plugin: "a" };
  for (const code of ["threw", "timedOut", "badResult", "stopped"] as const) {
    const error = new PluginError(code, "", options);
    assert.equal(toProxyError(error, get()).code, "pluginFailed", code);
  }
  const noRoom = new PluginError("noRoom", "", options);
  assert.equal(toProxyError(noRoom, get()).code, "pluginNoRoom");
  const refused = new PluginError("refused", "", options);
  assert.equal(toProxyError(refused, get()).code, "pluginRefused");
});

Deno.test("toProxyError() tells of a script that fails", () => {
  assert.equal(toProxyError(new PacError("odd"), get()).code, "pacFailed");
});

Deno.test("toProxyError() keeps the cause and names the origin", () => {
  const cause = new DialError("refused", "os error 111");

  const error = toProxyError(cause, get("a.test:8080"));

  assert.equal(error.cause, cause);
  assert.match(error.message, /"a\.test:8080"/);
});

Deno.test("toProxyError() leaves alone what has its place already", () => {
  const error = new ProxyError("localhostDenied", "localhost");

  assert.equal(toProxyError(error, get()), error);
});

Deno.test("toProxyError() does not know what it does not know", () => {
  assert.equal(toProxyError(new RangeError("odd"), get()).code, "unexpected");
  assert.equal(toProxyError("text", get()).code, "unexpected");
});

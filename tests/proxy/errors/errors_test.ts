/** @module */
import assert from "node:assert/strict";
import { errorPage } from "../../../src/proxy/errors/error_page.ts";
import {
  ProxyError,
  type ProxyErrorCode,
} from "../../../src/proxy/errors/errors.ts";
import { ByteScanner } from "../../testing/byte_scanner.ts";

/** Every code with what the browser and the metrics get. */
const TABLE:
  readonly (readonly [ProxyErrorCode, status: number, reason: string])[] = [
    ["nameNotFound", 502, "name_not_found"],
    ["nameServerFailed", 502, "dns_failed"],
    ["connectionRefused", 502, "net_dial"],
    ["unreachable", 502, "net_dial"],
    ["connectTimeout", 504, "net_dial_timeout"],
    ["certificate", 502, "tls_certificate"],
    ["notTls", 502, "tls_record_header"],
    ["tlsFailed", 502, "tls_alert"],
    ["connectFailed", 502, "net_dial"],
    ["localhostDenied", 403, "denied_localhost"],
    ["addressDenied", 403, "denied_address"],
    ["domainDenied", 403, "denied_domain"],
    ["directDenied", 403, "denied_direct"],
    ["outsideTimeFrame", 451, "denied_time"],
    ["viaLoop", 400, "loop"],
    ["pluginRefused", 403, "denied_plugin"],
    ["pluginFailed", 502, "plugin"],
    ["pluginNoRoom", 503, "plugin_no_room"],
    ["pacFailed", 502, "pac"],
    ["responseTimeout", 504, "response_timeout"],
    ["originClosed", 502, "net_read"],
    ["badResponse", 502, "bad_response"],
    ["responseTooLarge", 502, "bad_response"],
    ["badRequest", 400, "bad_request"],
    ["badJob", 400, "bad_job"],
    ["misdirected", 421, "misdirected"],
    ["upgradeDeclined", 502, "bad_response"],
    ["credentialsMissing", 407, "proxy_authentication"],
    ["credentialsWrong", 407, "proxy_authentication"],
    ["loginsBusy", 503, "logins_busy"],
    ["noSuchTunnel", 503, "no_such_tunnel"],
    ["noSession", 503, "no_session"],
    ["tunnelFull", 503, "tunnel_limit"],
    ["sessionLost", 502, "session_lost"],
    ["refusedByClient", 502, "refused_by_client"],
    ["upstreamName", 502, "upstream_dns"],
    ["upstreamDial", 502, "upstream_dial"],
    ["upstreamTimeout", 504, "upstream_timeout"],
    ["upstreamTls", 502, "upstream_tls"],
    ["upstreamProtocol", 502, "upstream_protocol"],
    ["upstreamCredentials", 502, "upstream_authentication"],
    ["aborted", 500, "request_ctx_canceled"],
    ["unexpected", 500, "unexpected_error"],
  ];

/** The page as text. */
async function textOf(error: ProxyError): Promise<string> {
  const { body } = errorPage(error, "sallyport client");
  assert.ok(body !== undefined);
  return new TextDecoder().decode(await new ByteScanner(body).readAll());
}

Deno.test("ProxyError knows the status and the reason of every failure", () => {
  for (const [code, status, reason] of TABLE) {
    const error = new ProxyError(code, "a.test");

    assert.deepEqual([error.status, error.reason], [status, reason], code);
  }
});

Deno.test("ProxyError names what it is about, however often and whatever it is", () => {
  const { message } = new ProxyError("noSuchTunnel", "$&-{}");

  assert.equal(
    message,
    'Tunnel "$&-{}" is not running: start it with "sallyport run --tunnel-name $&-{}"',
  );
});

Deno.test("errorPage() says in plain text who speaks, what is wrong and why", async () => {
  const cause = new Error("os error 111");
  const error = new ProxyError("connectionRefused", "a.test:80", { cause });

  assert.equal(
    await textOf(error),
    'sallyport client: Cannot connect to "a.test:80": nothing listens there\n' +
      "os error 111\n",
  );
});

Deno.test("errorPage() differs from a page of the origin", () => {
  const error = new ProxyError("connectionRefused", "a.test:80");

  const { status, fields, body } = errorPage(error, "sallyport client");

  assert.equal(status, 502);
  assert.equal(
    fields.get("X-Sallyport-Error"),
    'net_dial Cannot connect to "a.test:80": nothing listens there',
  );
  assert.equal(fields.get("Content-Type"), "text/plain; charset=utf-8");
  assert.equal(fields.get("Content-Length"), String(body?.length));
  assert.equal(fields.get("Cache-Control"), "no-store");
});

Deno.test("errorPage() repeats nothing that could end a field", () => {
  const error = new ProxyError("nameNotFound", "a\r\nSet-Cookie: b\0é");

  const { fields } = errorPage(error, "sallyport client");

  assert.match(
    fields.get("X-Sallyport-Error") ?? "",
    /^name_not_found Cannot find the host "a\?\?Set-Cookie: b\?\?": [\x20-\x7e]+$/,
  );
});

Deno.test("errorPage() requires credentials with 407 and only with it", () => {
  for (const [code, status] of TABLE) {
    const { fields } = errorPage(
      new ProxyError(code, "a.test"),
      "sallyport client",
    );

    assert.equal(
      fields.get("Proxy-Authenticate"),
      status === 407 ? 'Basic realm="sallyport"' : undefined,
      code,
    );
  }
});

Deno.test("errorPage() says when to come back to a tunnel that is reconnecting or full", () => {
  for (const code of ["noSession", "tunnelFull"] as const) {
    const { fields } = errorPage(new ProxyError(code, "t"), "sallyport client");

    assert.equal(fields.get("Retry-After"), "5");
  }
});

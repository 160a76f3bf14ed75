/** Whom the ports believe, and what is logged where TLS is left to them. */
import assert from "node:assert/strict";
import {
  logPlainHttp,
  trustedProxiesOf,
  withPlainHttp,
} from "../../src/server/trusted_proxies.ts";
import { recordLog } from "../testing/event_log.ts";

Deno.test("without proxies nobody is believed", () => {
  assert.equal(trustedProxiesOf({}), undefined);
  assert.equal(trustedProxiesOf({ trustedProxies: [] }), undefined);
  assert.equal(
    trustedProxiesOf({ trustedProxies: [], plainHttp: false }),
    undefined,
  );
});

Deno.test("TLS cannot be left to proxies that are not there", () => {
  assert.throws(() => trustedProxiesOf({ plainHttp: true }), {
    name: "TypeError",
    message: "Cannot serve plain HTTP without trusted proxies",
  });
});

Deno.test("proxies are believed as the options say", () => {
  const trusted = trustedProxiesOf({
    trustedProxies: ["10.1.0.0/16"],
    proxyProtocol: "require",
    forwardedFields: "forwarded",
    plainHttp: true,
  });
  assert.equal(trusted?.addresses.has("10.1.255.255"), true);
  assert.equal(trusted.addresses.has("10.2.0.0"), false);
  assert.equal(trusted.proxyProtocol, "require");
  assert.equal(trusted.forwardingFields, "forwarded");
  assert.equal(trusted.endTls, true);
});

Deno.test("a server without TLS has no HTTPS proxy", () => {
  const options = { httpsProxy: true } as never;
  assert.equal(withPlainHttp(options), options);
  const plain = { httpsProxy: true, plainHttp: true } as never;
  assert.deepEqual(withPlainHttp(plain), {
    httpsProxy: false,
    plainHttp: true,
  });
});

Deno.test("plain HTTP is in the log, with those who end TLS", async () => {
  await using log = await recordLog();
  logPlainHttp({ trustedProxies: ["10.0.0.0/8"] });
  logPlainHttp({ plainHttp: false, trustedProxies: ["10.0.0.0/8"] });
  assert.equal(log.all.length, 0);
  logPlainHttp({ plainHttp: true, trustedProxies: ["10.0.0.0/8", "::1"] });
  const [line] = log.all;
  assert.equal(line?.level, "warn");
  assert.equal(line.message, "plain HTTP, because a trusted proxy ends TLS");
  assert.deepEqual(line.fields, { trusted: "10.0.0.0/8,::1" });
});

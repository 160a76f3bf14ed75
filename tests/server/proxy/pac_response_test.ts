/** The PAC file of a port for browsers: for whom, and what it says. */
import assert from "node:assert/strict";
import type { PlainRequest, ProxyRequest } from "../../../src/http/exchange.ts";
import { Fields } from "../../../src/http/fields.ts";
import {
  isForPac,
  isForPort,
  ownAddress,
  pacFile,
  servePac,
} from "../../../src/server/proxy/pac_response.ts";
import { contextOf, plain, readBody } from "../../http1/served.ts";

const PLACE = { port: () => 3128 };
const EXTERNAL = { secure: true, hostname: "lab.test", port: 8443 };

function request(changes: Partial<PlainRequest> = {}): PlainRequest {
  return {
    kind: "request",
    method: "GET",
    scheme: "http",
    authority: "10.0.0.1:3128",
    path: "/proxy.pac",
    isOriginForm: true,
    fields: new Fields(),
    body: undefined,
    ...changes,
  };
}

const CONNECT: ProxyRequest = {
  ...{ kind: "connect", method: "CONNECT", authority: "10.0.0.1:3128" },
  fields: new Fields(),
};

async function served(asked: ProxyRequest, place = PLACE): Promise<string> {
  const serve = servePac(() => Promise.resolve(plain(204, "next")), place);
  const response = await serve(asked, contextOf());
  assert.ok(response.kind === "response" && response.body !== undefined);
  return `${response.status} ${await readBody(response.body)}`;
}

Deno.test("the port itself serves the file, with itself as the proxy", async () => {
  assert.equal(
    await served(request()),
    "200 function FindProxyForURL(url, host) {\n" +
      '  return "PROXY 10.0.0.1:3128";\n}\n',
  );
});

Deno.test("the file names the address that is said to be the outer one", async () => {
  const place = { ...PLACE, external: EXTERNAL };
  assert.match(await served(request(), place), /return "HTTPS lab\.test:8443"/);
  const mapped = request({ authority: "lab.test:8443" });
  assert.match(await served(mapped, place), /return "HTTPS lab\.test:8443"/);
});

const { isOriginForm: _form, ...UNKNOWN_FORM } = request();

/** What is not for the port → the request. */
const OTHERS: Readonly<Record<string, ProxyRequest>> = {
  "a site's file of that name": request({ isOriginForm: false }),
  "a request whose form is not known": UNKNOWN_FORM,
  "another port": request({ authority: "10.0.0.1:8080" }),
  "the port of HTTP": request({ authority: "10.0.0.1" }),
  "another path": request({ path: "/proxy.pac2" }),
  "another method": request({ method: "POST" }),
  "HEAD": request({ method: "HEAD" }),
  "CONNECT": CONNECT,
};

for (const [what, asked] of Object.entries(OTHERS)) {
  Deno.test(`${what} is not the port's file`, async () => {
    assert.equal(await served(asked), "204 next");
  });
}

Deno.test("a port 80 is the port without a number", () => {
  const asked = request({ authority: "10.0.0.1" });
  assert.equal(isForPort(asked, { port: () => 80 }), true);
  assert.deepEqual(ownAddress(asked, { port: () => 80 }), {
    secure: false,
    hostname: "10.0.0.1",
    port: 80,
  });
});

Deno.test("a request for the file may be of an unknown form, and not of absolute form", () => {
  assert.equal(isForPac(request()), true);
  assert.equal(isForPac(UNKNOWN_FORM), true);
  assert.equal(isForPac(request({ isOriginForm: false })), false);
  assert.equal(isForPac(CONNECT), false);
});

Deno.test("the file has its type and length, and is not kept", async () => {
  const { status, fields, body } = pacFile(EXTERNAL);
  assert.equal(status, 200);
  assert.equal(fields.get("content-type"), "application/x-ns-proxy-autoconfig");
  assert.equal(fields.get("cache-control"), "no-store");
  assert.ok(body);
  assert.equal(
    fields.get("content-length"),
    String((await readBody(body)).length),
  );
});

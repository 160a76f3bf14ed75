/** @module */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { pipe } from "../../../src/net/stream/pipe.ts";
import { bytesOf, writeAll } from "../../testing/byte_scanner.ts";
import { createTestAuthority } from "../../testing/certs.ts";
import { startHttp2Site } from "../../testing/http2_site.ts";
import { needs } from "../../testing/needs.ts";
import { TestProcess } from "../../testing/process.ts";
import { TcpServer } from "../../testing/tcp_server.ts";
import { curl } from "../curl.ts";
import { startRecipe } from "./recipe.ts";

const HOST = "shop.test";
const BUYER = { name: [1, "string"], age: [2, "int"] };
const OPTIONS = {
  "/shop.Orders/Get": {
    request: {
      id: [1, "string"],
      version: [2, "int"],
      details: [3, "bool"],
      buyer: [4, BUYER],
    },
    response: {
      id: [1, "string"],
      total: [2, "int"],
      paid: [3, "bool"],
      buyer: [4, BUYER],
    },
  },
  "/shop.Orders/Missing": { request: {}, response: {} },
};

/** Calls a method of the service through a tunnel with the recipe. */
type Call = (
  target: string,
  message: unknown,
  type?: string,
) => Promise<{ status: number; text: string; json: unknown }>;

/** Starts a tunnel to a site whose certificate is from `ca`. */
async function startCalls(
  port: number,
  ca: string,
): Promise<AsyncDisposable & { call: Call }> {
  const tunnel = await startRecipe("grpc_json", {
    options: OPTIONS,
    client: { tlsResignDomains: ["all"] },
    trusted: [ca],
  });
  const authority = `${HOST}:${port}`;
  const file = await Deno.makeTempFile({ suffix: ".pem" });
  await Deno.writeTextFile(file, tunnel.system.server.browserCa);
  return {
    async call(target, message, type = "application/json; charset=utf-8") {
      const { status, text } = await curl(
        tunnel.system,
        `https://${authority}/shop.Orders/${target}`,
        ...["--cacert", file, "--include", "--suppress-connect-headers"],
        ...["--http1.1", "--header", `Content-Type: ${type}`],
        ...["--header", "Accept-Encoding: gzip"],
        ...["--data-binary", JSON.stringify(message)],
      );
      const [json = "null"] = /^\{.*\}$/m.exec(text) ?? [];
      return { status, text, json: JSON.parse(json) };
    },
    async [Symbol.asyncDispose]() {
      await tunnel[Symbol.asyncDispose]();
      await Deno.remove(file);
    },
  };
}

Deno.test({
  ...needs("curl"),
  name:
    "grpc_json: a call with JSON has the response of the service, or its error",
  async fn() {
    await using server = new TestProcess(Deno.execPath(), [
      ...["run", "-A", "-q", "--no-prompt"],
      fileURLToPath(new URL("grpc_orders.ts", import.meta.url)),
    ]);
    const [port] = await server.waitFor(/^\d+$/m);
    const authority = await createTestAuthority();
    await using site = new TcpServer(async (conn) => {
      const there = { hostname: "127.0.0.1", port: Number(port) };
      await pipe(conn, await Deno.connect(there));
    }, { tls: { ...await authority.issue([HOST]), alpnProtocols: ["h2"] } });
    await using calls = await startCalls(site.port, authority.ca);

    const buyer = { name: "Ada", age: -36 };
    const whole = {
      id: "x".repeat(300),
      version: 2 ** 40,
      details: true,
      buyer,
    };
    const found = await calls.call("Get", whole);
    const small = await calls.call("Get", { id: "y", version: -7 });
    const gone = await calls.call("Get", { id: "none" });
    const missing = await calls.call("Missing", {});

    assert.equal(found.status, 200, found.text);
    assert.match(found.text, /^content-type: application\/json\r$/im);
    // They belong to the response of the service.
    assert.doesNotMatch(found.text, /^grpc-status/m);
    const id = `order ${whole.id}`;
    assert.deepEqual(found.json, { id, total: 2 ** 41, paid: true, buyer });
    assert.deepEqual(small.json, { id: "order y", total: -7 });
    assert.deepEqual([gone.status, gone.json], [502, {
      status: 5,
      message: "100 % gone: size",
    }]);
    assert.equal(missing.status, 502);
    assert.match(missing.text, /"status":12,.*\/shop\.Orders\/Missing/);
  },
});

Deno.test({
  ...needs("curl"),
  name:
    "grpc_json: a call that is gRPC passes; a response that is not is an error",
  async fn() {
    const bad = ["grpc-status", "9", "grpc-message", "100% wrong"];
    await using site = await startHttp2Site(async (stream) => {
      const { fields } = stream;
      const path = fields[fields.indexOf(":path") + 1] ?? "";
      const type = fields[fields.indexOf("content-type") + 1] ?? "";
      const isBroken = path.endsWith("?broken");
      await stream.respond(
        isBroken
          ? [":status", "503", "content-type", "text/html"]
          : [":status", "200", "content-type", type],
      );
      await writeAll(stream, bytesOf("content"));
      await stream.sendTrailers(isBroken ? ["x", "y"] : bad);
    });
    await using calls = await startCalls(site.port, site.ca);

    const broken = await calls.call("Get?broken", {});
    const sloppy = await calls.call("Get", {});
    const passed = await calls.call("Get", {}, "application/grpc");
    const other = await calls.call("Others", {});

    assert.deepEqual([broken.status, broken.json], [502, {
      status: 2,
      message: "the site sent HTTP status 503",
    }]);
    assert.deepEqual([sloppy.status, sloppy.json], [502, {
      status: 9,
      message: "100% wrong",
    }]);
    assert.equal(passed.status, 200);
    assert.match(passed.text, /^content-type: application\/grpc\r$/im);
    assert.match(passed.text, /content/);
    assert.match(other.text, /^content-type: application\/json; charset/im);
  },
});

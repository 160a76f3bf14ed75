import assert from "node:assert/strict";
import type { Handler, PlainRequest } from "../../src/http/exchange.ts";
import { Fields } from "../../src/http/fields.ts";
import { JobMembers } from "../../src/server/job_members.ts";
import { MemoryRegistry } from "../../src/server/registry.ts";
import { sendExchange } from "../../src/server/send_exchange.ts";
import { TunnelError } from "../../src/tunnel/errors.ts";
import { FakeSession } from "./fake_session.ts";

const REQUEST: PlainRequest = {
  kind: "request",
  method: "GET",
  scheme: "http",
  authority: "shop.test",
  path: "/",
  fields: new Fields(),
  body: undefined,
};

const CONTEXT = {
  id: "1",
  signal: new AbortController().signal,
  inform() {},
};

/** A session that ends when it is used, before it has done anything. */
class LostSession extends FakeSession {
  override readonly handler: Handler = async () => {
    this.cut();
    await this.done.catch(() => {});
    throw new TunnelError("lost", "It is gone", { retryable: true });
  };
}

/** A session that answers everything. */
class GoodSession extends FakeSession {
  override readonly handler: Handler = () =>
    Promise.resolve({
      kind: "response",
      status: 204,
      fields: new Fields(),
      body: undefined,
    });
}

Deno.test("a job whose member is lost is sent again through another one", async () => {
  const registry = new MemoryRegistry();
  const pool = [new LostSession(), new GoodSession()].map((session) => {
    const { tunnel } = registry.create({
      owner: "ann",
      name: "lab",
      pool: true,
    });
    tunnel.attach(session);
    return tunnel;
  });
  const members = new JobMembers();
  const find = () => Promise.resolve(members.of("nightly", pool));
  const tunnels = await find();
  assert.deepEqual(tunnels, pool.slice(0, 1));

  const { status } = await sendExchange(
    { tunnels, again: find },
    REQUEST,
    CONTEXT,
  );

  assert.equal(status, 204);
  assert.deepEqual(await find(), pool.slice(1));
});

Deno.test("without another session the browser is told that there is none", async () => {
  const registry = new MemoryRegistry();
  const { tunnel } = registry.create({ owner: "ann", name: "lab" });
  tunnel.attach(new LostSession());
  const tunnels = [tunnel];

  await assert.rejects(
    sendExchange(
      { tunnels, again: () => Promise.resolve(tunnels) },
      REQUEST,
      CONTEXT,
    ),
    { code: "noSession" },
  );
});

/** A session whose client ends every exchange without an answer. */
class RefusingSession extends FakeSession {
  override readonly handler: Handler = () =>
    Promise.reject(new TunnelError("reset", "The client ended the exchange"));
}

Deno.test("a client that ends the exchange without an answer is told of as it is", async () => {
  const registry = new MemoryRegistry();
  const { tunnel } = registry.create({ owner: "ann", name: "lab" });
  tunnel.attach(new RefusingSession());
  const again = () => assert.fail("It was begun, and may not be sent again");

  await assert.rejects(
    sendExchange({ tunnels: [tunnel], again }, REQUEST, CONTEXT),
    { code: "refusedByClient", status: 502, reason: "refused_by_client" },
  );
});

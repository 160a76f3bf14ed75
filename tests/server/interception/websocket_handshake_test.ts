/** A site proves that it speaks WebSocket before a browser over HTTP/2 believes it. */
import assert from "node:assert/strict";
import type {
  ProxyRequest,
  ProxyResponse,
  UpgradeRequest,
} from "../../../src/http/exchange.ts";
import { Fields } from "../../../src/http/fields.ts";
import { ProxyError } from "../../../src/proxy/errors/errors.ts";
import { websocketHandshake } from "../../../src/server/interception/websocket_handshake.ts";
import { acceptOf } from "../../../src/websocket/handshake.ts";
import { contextOf, plain } from "../../http1/served.ts";
import { createMemoryDuplex } from "../../testing/memory_duplex.ts";

function upgrade(protocol: string): UpgradeRequest {
  return {
    ...{ kind: "upgrade", method: "GET", scheme: "https", path: "/" },
    ...{ authority: "a.test", protocol, fields: new Fields() },
  };
}

/** A site that switches with this proof, and whether it was left. */
function site(proof: (key: string | undefined) => string | undefined) {
  const [stream, far] = createMemoryDuplex();
  const keys: (string | undefined)[] = [];
  return {
    far,
    keys,
    handler: ({ fields }: ProxyRequest): Promise<ProxyResponse> => {
      const key = fields.get("sec-websocket-key");
      keys.push(key);
      const accept = proof(key);
      const list = accept === undefined ? [] : ["Sec-WebSocket-Accept", accept];
      list.push("X-A", "1");
      return Promise.resolve({
        ...{ kind: "stream", status: 101, fields: new Fields(list), stream },
      });
    },
  };
}

async function hasEnded({ read }: { read: Deno.Conn["read"] }) {
  return await read(new Uint8Array(1)) === null;
}

Deno.test("a site that proves it is passed on, without the proof", async () => {
  const { handler, keys, far } = site((key) => acceptOf(key ?? ""));
  const shake = websocketHandshake(handler);
  const response = await shake(upgrade("WebSocket"), contextOf());
  assert.ok(response.kind === "stream");
  assert.deepEqual([...response.fields], [["X-A", "1"]]);
  assert.equal(Uint8Array.fromBase64(keys[0] ?? "").length, 16);
  await shake(upgrade("websocket"), contextOf());
  assert.notEqual(keys[0], keys[1]);
  response.stream.close();
  far.close();
});

for (const proof of [undefined, "", "wrong", acceptOf("")]) {
  Deno.test(`a site that switches with the proof ${proof} is declined and left`, async () => {
    const { handler, far } = site(() => proof);
    const shake = websocketHandshake(handler);
    await assert.rejects(
      shake(upgrade("websocket"), contextOf()),
      (error) =>
        error instanceof ProxyError && error.code === "upgradeDeclined",
    );
    assert.equal(await hasEnded(far), true);
    far.close();
  });
}

Deno.test("another protocol needs no proof, and gets no key", async () => {
  const { handler, keys, far } = site(() => undefined);
  const response = await websocketHandshake(handler)(
    upgrade("chat"),
    contextOf(),
  );
  assert.ok(response.kind === "stream");
  assert.deepEqual(keys, [undefined]);
  response.stream.close();
  far.close();
});

for (const status of [300, 404, 500]) {
  Deno.test(`a site that responds ${status} has said no`, async () => {
    const no = plain(status, "no");
    const shake = websocketHandshake(() => Promise.resolve(no));
    assert.equal(await shake(upgrade("websocket"), contextOf()), no);
  });
}

for (const status of [200, 299]) {
  Deno.test(`a site that responds ${status} has not understood, and is left`, async () => {
    let cancelled = 0;
    const no = plain(status, "page");
    assert.ok(no.kind === "response" && no.body !== undefined);
    no.body.cancel = () => void cancelled++;
    const shake = websocketHandshake(() => Promise.resolve(no));
    await assert.rejects(shake(upgrade("websocket"), contextOf()), {
      name: "ProxyError",
      code: "upgradeDeclined",
    });
    assert.equal(cancelled, 1);
  });
}

Deno.test("an ordinary request is left alone", async () => {
  const request = {
    ...{ kind: "request", method: "GET", scheme: "https", path: "/" } as const,
    ...{ authority: "a.test", fields: new Fields(), body: undefined },
  };
  const ok = plain(200, "page");
  const shake = websocketHandshake((asked) => {
    assert.equal(asked.fields.size, 0);
    return Promise.resolve(ok);
  });
  assert.equal(await shake(request, contextOf()), ok);
});

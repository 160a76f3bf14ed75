/** Nodes of one machine: who holds what, and exchanges that go over one link. */
import assert from "node:assert/strict";
import { textBody } from "../../src/http/bytes_body.ts";
import type { ProxyResponse } from "../../src/http/exchange.ts";
import { Fields } from "../../src/http/fields.ts";
import { streamPair } from "../../src/net/stream/stream_pair.ts";
import { TunnelError } from "../../src/tunnel/errors.ts";
import { until, within } from "../testing/deadline.ts";
import {
  contextOf,
  get,
  idOf,
  respondWith,
  type TestNode,
  TestNodes,
  textOf,
} from "./nodes.ts";

const ID = idOf(1);

/** Waits until `node` sees exactly these nodes hold the tunnel. */
async function sees(
  { mesh, name }: TestNode,
  ...holders: readonly string[]
): Promise<void> {
  await within(
    mesh.until(() => String(mesh.holders(ID)) === String(holders)),
    `node ${name} to see [${holders}], it sees [${mesh.holders(ID)}]`,
  );
}

function codeOf(error: unknown): unknown {
  assert.ok(error instanceof TunnelError, String(error));
  return [error.code, error.retryable];
}

Deno.test("each node learns which tunnels the others hold, and forgets them with the last session", async () => {
  await using nodes = await TestNodes.start(3);
  const [a, b, c] = nodes.all;
  assert(a && b && c);
  const cutOne = await b.connect(ID, () => Promise.resolve(respondWith("")));
  const cutOther = await b.connect(ID, () => Promise.resolve(respondWith("")));
  await sees(a, "b");
  await c.connect(ID, () => Promise.resolve(respondWith("")));
  await sees(a, "b", "c");
  await sees(b, "c");

  cutOne();
  cutOther();

  await sees(a, "c");
});

Deno.test("a node that joins later knows all, and one that ends is forgotten by all", async () => {
  await using nodes = await TestNodes.start(2);
  const [a, b] = nodes.all;
  assert(a && b);
  await b.connect(ID, () => Promise.resolve(respondWith("")));

  const c = nodes.add("c");
  await nodes.linked();
  await sees(c, "b");

  await b[Symbol.asyncDispose]();
  await sees(a);
  await sees(c);
  assert.deepEqual(a.mesh.linked, ["c"]);
  // Nobody listens any more who is not there.
  await until(
    "the end of what was told to b",
    () => a.mesh.presence.listeners === 1,
  );
});

Deno.test("a request goes to the node that holds the tunnel, with its sender, fields and content, and the response comes back", async () => {
  await using nodes = await TestNodes.start(2);
  const [a, b] = nodes.all;
  assert(a && b);
  await b.connect(ID, async (request, { user, job }) => {
    assert(request.kind === "request");
    const sent = await textOf({ ...respondWith(""), body: request.body });
    const about = [request.method, request.authority, request.path, user, job];
    const own = request.fields.get("X-Own");
    return respondWith([...about, own, sent].join(" "), 201);
  });
  await sees(a, "b");

  const response = await a.mesh.send(
    get("site.test:81", {
      method: "POST",
      path: "/a?b",
      fields: new Fields(["X-Own", "1", "Content-Length", "7"]),
      body: textBody("content"),
    }),
    { ...contextOf(ID), user: "ann", job: "42" },
  );

  assert.equal(response.status, 201);
  assert.equal(
    await textOf(response),
    "POST site.test:81 /a?b ann 42 1 content",
  );
});

Deno.test("a CONNECT through another node carries bytes both ways to its end", async () => {
  await using nodes = await TestNodes.start(2);
  const [a, b] = nodes.all;
  assert(a && b);
  await b.connect(ID, () => {
    const [near, far] = streamPair();
    void (async () => {
      const buffer = new Uint8Array(1024);
      for (;;) {
        const count = await far.read(buffer);
        if (count === null) return await far.closeWrite();
        await far.write(buffer.subarray(0, count));
      }
    })();
    const fields = new Fields();
    return Promise.resolve({
      kind: "stream",
      status: 200,
      fields,
      stream: near,
    });
  });
  await sees(a, "b");

  const response = await a.mesh.send({
    kind: "connect",
    method: "CONNECT",
    authority: "site.test:443",
    fields: new Fields(),
  }, contextOf(ID));
  assert(response.kind === "stream");
  await response.stream.write(new TextEncoder().encode("there and back"));
  await response.stream.closeWrite();
  const buffer = new Uint8Array(64);
  const count = await response.stream.read(buffer);
  const end = await response.stream.read(new Uint8Array(1));
  response.stream.close();

  assert.equal(
    new TextDecoder().decode(buffer.subarray(0, count ?? 0)),
    "there and back",
  );
  assert.equal(end, null);
});

Deno.test("the field that names the tunnel between nodes cannot come from a browser", async () => {
  await using nodes = await TestNodes.start(2);
  const [a, b] = nodes.all;
  assert(a && b);
  const other = idOf(2);
  const seen: (string | undefined)[] = [];
  await b.connect(ID, ({ fields }) => {
    seen.push(fields.get("sallyport-tunnel"));
    return Promise.resolve(respondWith("the right one"));
  });
  await b.connect(other, () => Promise.resolve(respondWith("the wrong one")));
  await sees(a, "b");

  const fields = new Fields([
    ...["sallyport-tunnel", other, "Sallyport-Tunnel", other],
    ...["Sallyport-User", "eve"],
  ]);
  const response = await a.mesh.send(get("site.test", { fields }), {
    ...contextOf(ID),
  });

  assert.equal(await textOf(response), "the right one");
  assert.deepEqual(seen, [undefined]);
});

Deno.test("an exchange passes one link at most: a node that does not hold the tunnel itself gives it back to be tried again", async () => {
  await using nodes = await TestNodes.start(3);
  const [a, b, c] = nodes.all;
  assert(a && b && c);
  await c.connect(ID, () => Promise.resolve(respondWith("from c")));
  await sees(a, "c");
  await sees(b, "c");
  // The others believe that `b` holds it, as they do in the moment after its session has gone.
  b.mesh.presence.hold(ID);
  c.mesh.presence.drop(ID);
  await sees(a, "b");

  const failure = await a.mesh.send(get("site.test"), contextOf(ID))
    .catch(codeOf);

  assert.deepEqual(failure, ["lost", true]);
});

Deno.test("without a node that holds the tunnel an exchange fails at once, and may be tried again", async () => {
  await using nodes = await TestNodes.start(2);
  const [a] = nodes.all;
  assert(a);
  let closed = 0;

  const failure = await a.mesh.send(get("site.test"), {
    ...contextOf(ID),
    onClosed: () => closed += 1,
  }).catch(codeOf);

  assert.deepEqual(failure, ["lost", true]);
  assert.equal(closed, 1);
});

Deno.test("a session that is lost behind another node is a lost session here, and is not said to be unbegun", async () => {
  await using nodes = await TestNodes.start(2);
  const [a, b] = nodes.all;
  assert(a && b);
  const begun = Promise.withResolvers<void>();
  const cut = await b.connect(ID, (_request, { signal }) => {
    begun.resolve();
    return new Promise((_, reject) =>
      signal.addEventListener("abort", () => reject(signal.reason))
    );
  });
  await sees(a, "b");

  const failing = a.mesh.send(get("site.test"), contextOf(ID)).catch(codeOf);
  await begun.promise;
  cut();

  assert.deepEqual(await failing, ["lost", false]);
});

Deno.test("a node that drains gets nothing new, and what runs there goes on", async () => {
  await using nodes = await TestNodes.start(3);
  const [a, b, c] = nodes.all;
  assert(a && b && c);
  const released = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  await b.connect(ID, async () => {
    begun.resolve();
    await released.promise;
    return respondWith("from b");
  });
  await sees(a, "b");
  const running = a.mesh.send(get("site.test"), contextOf(ID));
  await begun.promise;
  await c.connect(ID, () => Promise.resolve(respondWith("from c")));
  await sees(a, "b", "c");

  b.mesh.presence.drain();
  await within(
    a.mesh.until(() => a.mesh.takers(ID).join() === "c"),
    "the news that b drains",
  );
  const texts = await Promise.all(Array.from({ length: 20 }, async () => {
    return await textOf(await a.mesh.send(get("site.test"), contextOf(ID)));
  }));
  released.resolve();

  assert.deepEqual(new Set(texts), new Set(["from c"]));
  assert.equal(await textOf(await running), "from b");
});

Deno.test("of two nodes that hold a tunnel the less busy one gets the request", async () => {
  await using nodes = await TestNodes.start(3);
  const [a, b, c] = nodes.all;
  assert(a && b && c);
  for (const node of [b, c]) {
    await node.connect(ID, () => Promise.resolve(respondWith(node.name)));
  }
  await sees(a, "b", "c");
  const ask = async () =>
    await textOf(await a.mesh.send(get("site.test"), contextOf(ID)));

  for (const [busy, idle] of [[b, c], [c, b]] as const) {
    busy.mesh.presence.announceLoad(9);
    idle.mesh.presence.announceLoad(3);
    await within(
      a.mesh.until(() =>
        a.mesh.loadOf(busy.name) === 9 && a.mesh.loadOf(idle.name) === 3
      ),
      "the news of the load",
    );
    assert.deepEqual(
      await Promise.all([ask(), ask(), ask(), ask()]),
      [idle.name, idle.name, idle.name, idle.name],
    );
  }
});

Deno.test("one request at a time takes at most three times as long over a link", async () => {
  await using nodes = await TestNodes.start(2);
  const [a, b] = nodes.all;
  assert(a && b);
  const content = "x".repeat(100);
  await b.connect(ID, () => Promise.resolve(respondWith(content)));
  await sees(a, "b");
  const session = b.sessionOf(ID) ?? assert.fail();
  const times: Record<"straight" | "linked", number[]> = {
    straight: [],
    linked: [],
  };

  // In turns, so that a busy machine slows down both.
  for (let count = 0; count < 400; count++) {
    for (const way of ["straight", "linked"] as const) {
      const begun = performance.now();
      const request = get("site.test");
      const response: ProxyResponse = way === "straight"
        ? await session.handler(request, contextOf(ID))
        : await a.mesh.send(request, contextOf(ID));
      assert.equal(await textOf(response), content);
      times[way].push(performance.now() - begun);
    }
  }

  const [straight, linked] = [times.straight, times.linked].map(medianOf);
  const ratio = (linked ?? Infinity) / (straight ?? 0);
  assert.ok(ratio <= 3, `${linked} ms to ${straight} ms`);
});

/** The middle one, without those of the start. */
function medianOf(times: readonly number[]): number {
  const sorted = times.slice(100).toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

Deno.test("a stranger on the socket of a node does no harm", async () => {
  await using nodes = await TestNodes.start(2);
  const [a, b] = nodes.all;
  assert(a && b);
  await b.connect(ID, () => Promise.resolve(respondWith("still there")));
  await sees(a, "b");
  const stranger = await Deno.connect({
    hostname: "127.0.0.1",
    port: nodes.places.portOf("b"),
  });
  await stranger.write(new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"));
  const buffer = new Uint8Array(1024);
  while (await stranger.read(buffer).catch(() => null) !== null);
  stranger.close();

  const response = await a.mesh.send(get("site.test"), contextOf(ID));

  assert.equal(await textOf(response), "still there");
});

/** A connection that is counted: who it is of, and when it is closed. */
import assert from "node:assert/strict";
import { AcceptedConnection } from "../../../src/net/listen/accepted_connection.ts";
import { createMemoryDuplex } from "../../testing/memory_duplex.ts";

type Conn = ConstructorParameters<typeof AcceptedConnection>[0];

function setUp(
  { isProxied = false, hostname = "192.0.2.1", mayMove = true } = {},
) {
  const [near, far] = createMemoryDuplex();
  const set: string[] = [];
  let closed = 0;
  const conn = {
    ...near,
    remoteAddr: { transport: "tcp", hostname, port: 5000 },
    setNoDelay: (on: boolean) => set.push(`no delay ${on}`),
    setKeepAlive: (on: boolean) => set.push(`keep alive ${on}`),
    close() {
      closed++;
      near.close();
    },
  } as unknown as Conn;
  const accepted = new AcceptedConnection(conn, {
    port: "proxy",
    openedAt: 7,
    ...isProxied && { isProxied },
  });
  const heard: string[] = [];
  accepted.events = {
    onAdmit: () => heard.push("admit"),
    onMove(_, before) {
      heard.push(`move from ${before}`);
      return mayMove;
    },
    onRefuse: (_, reason, detail) => heard.push(`refuse ${reason} ${detail}`),
  };
  return { accepted, heard, far, set, closed: () => closed };
}

Deno.test("a connection has the address of its peer, and two options", () => {
  const { accepted, set } = setUp();
  assert.deepEqual(
    [accepted.address, accepted.peer, accepted.network, accepted.port],
    ["192.0.2.1", "192.0.2.1:5000", "192.0.2.1", "proxy"],
  );
  assert.deepEqual([accepted.isProxied, accepted.isOfProxy], [false, false]);
  assert.deepEqual([accepted.openedAt, accepted.operations], [7, 0]);
  assert.deepEqual(set, ["no delay true", "keep alive true"]);
});

Deno.test("a Unix socket has no address", () => {
  const [near] = createMemoryDuplex();
  const remoteAddr = { transport: "unix", path: "/a" };
  const conn = { ...near, remoteAddr } as unknown as Conn;
  const accepted = new AcceptedConnection(conn, { port: "api", openedAt: 0 });
  assert.deepEqual([accepted.address, accepted.peer], ["", "unknown"]);
});

Deno.test("a peer that has gone does not matter when options are set", () => {
  const [near] = createMemoryDuplex();
  const conn = {
    ...near,
    remoteAddr: { transport: "tcp", hostname: "192.0.2.1", port: 1 },
    setNoDelay: () => assert.fail("gone"),
  } as unknown as Conn;
  const accepted = new AcceptedConnection(conn, { port: "a", openedAt: 0 });
  assert.equal(accepted.isClosed, false);
});

Deno.test("a connection is admitted once", () => {
  const { accepted, heard } = setUp();
  assert.equal(accepted.isAdmitted, false);
  accepted.admit();
  accepted.admit();
  assert.equal(accepted.isAdmitted, true);
  assert.deepEqual(heard, ["admit"]);
});

Deno.test("a connection is refused once, and closed", async () => {
  const { accepted, heard, far, closed } = setUp();
  accepted.refuse("address", "odd");
  accepted.refuse("address");
  accepted.close();
  assert.deepEqual(heard, ["refuse address odd"]);
  assert.equal(closed(), 1);
  assert.equal(accepted.isClosed, true);
  assert.equal(accepted.closed.aborted, true);
  assert.equal(accepted.closed.reason.name, "AbortError");
  assert.equal(await far.read(new Uint8Array(1)), null);
});

Deno.test("a connection that was closed is not refused", () => {
  const { accepted, heard } = setUp();
  accepted.close();
  accepted.refuse("address");
  assert.deepEqual(heard, []);
});

Deno.test("a trusted proxy says whose the connection is", () => {
  const { accepted, heard } = setUp({ isProxied: true });
  assert.deepEqual([accepted.isProxied, accepted.isOfProxy], [true, true]);

  assert.equal(accepted.speakFor({ hostname: "198.51.100.7", port: 0 }), true);

  assert.deepEqual(
    [accepted.address, accepted.peer, accepted.network, accepted.isOfProxy],
    ["198.51.100.7", "198.51.100.7", "198.51.100.7", false],
  );
  assert.deepEqual(heard, ["move from 192.0.2.1"]);
  assert.equal(accepted.speakFor({ hostname: "198.51.100.7", port: 9 }), true);
  assert.equal(accepted.peer, "198.51.100.7:9");
  assert.equal(heard.length, 1);
});

Deno.test("a connection that may not move is refused", () => {
  const { accepted, heard } = setUp({ mayMove: false });
  assert.equal(accepted.speakFor({ hostname: "198.51.100.7", port: 0 }), false);
  assert.deepEqual(heard, [
    "move from 192.0.2.1",
    "refuse address undefined",
  ]);
  assert.equal(accepted.isClosed, true);
});

Deno.test("bytes that are given back are read first, in their order", async () => {
  const { accepted, far } = setUp();
  await far.write(Uint8Array.of(5));
  accepted.unread(Uint8Array.of(3, 4));
  accepted.unread(Uint8Array.of(1, 2));
  const read = async (size: number) => {
    const into = new Uint8Array(size);
    const count = await accepted.read(into);
    return [...into.subarray(0, count ?? 0)];
  };
  assert.deepEqual(await read(3), [1, 2, 3]);
  assert.deepEqual(await read(3), [4]);
  assert.deepEqual(await read(3), [5]);
  assert.equal(accepted.operations, 3);
  assert.equal(await accepted.write(Uint8Array.of(9)), 1);
  assert.equal(accepted.operations, 4);
  await accepted.closeWrite();
  const into = new Uint8Array(9);
  assert.equal(await far.read(into), 1);
  assert.equal(await far.read(into), null);
});

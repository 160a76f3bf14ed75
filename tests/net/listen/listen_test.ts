/** @module */
import assert from "node:assert/strict";
import {
  listenTcp,
  listenTls,
  opened,
} from "../../../src/net/listen/listen.ts";
import { createTestAuthority } from "../../testing/certs.ts";

const ANYWHERE = { hostname: "127.0.0.1", port: 0 };

Deno.test("listenTcp() listens on a port of the system's choice", () => {
  using listener = listenTcp(ANYWHERE);

  assert.notEqual(listener.addr.port, 0);
});

Deno.test("listenTcp() says which address is in use, and what to do", () => {
  using first = listenTcp(ANYWHERE);
  const { port } = first.addr;

  assert.throws(() => listenTcp({ hostname: "127.0.0.1", port }), {
    name: "ListenError",
    message: `Cannot listen on "127.0.0.1:${port}": the address is in use, ` +
      "choose another port or stop the program that has it",
  });
});

Deno.test("listenTcp() takes no port on all addresses that another program has on loopback", () => {
  using first = listenTcp(ANYWHERE);
  const { port } = first.addr;
  const splitting = { splitsPorts: true };

  assert.throws(() => listenTcp({ hostname: "0.0.0.0", port }, splitting), {
    name: "ListenError",
    message: /^Cannot listen on "0\.0\.0\.0:\d+": the address is in use/,
  });
  using other = listenTcp({ hostname: "0.0.0.0", port: 0 }, splitting);
  assert.notEqual(other.addr.port, 0);
});

Deno.test("opened() names the ports that a system has reserved", () => {
  const open = () => {
    throw new Deno.errors.PermissionDenied("forbidden");
  };

  assert.throws(() => opened({ hostname: "127.0.0.1", port: 50_000 }, open), {
    message: 'Cannot listen on "127.0.0.1:50000": the system does not allow ' +
      'it, it may have reserved the port ("netsh interface ipv4 show ' +
      'excludedportrange tcp" on Windows), choose another',
  });
});

Deno.test.each([
  [
    new Deno.errors.AddrNotAvailable("Cannot assign requested address"),
    "this machine has no such address, choose one of its own",
  ],
  [
    new Error(
      "failed to lookup address information: Name or service not known",
    ),
    "this machine has no such address, choose one of its own",
  ],
  [
    new Deno.errors.PermissionDenied("Permission denied (os error 13)"),
    "the system does not allow it, choose a port from 1024 on",
  ],
])("opened() says what to do about an address: %#", (cause, reason) => {
  const address = { hostname: "lab.example", port: 80 };
  const open = () => {
    throw cause;
  };

  assert.throws(() => opened(address, open), {
    message: `Cannot listen on "lab.example:80": ${reason}`,
  });
});

Deno.test("opened() says why it cannot make a socket in a folder", () => {
  const cause = Object.assign(
    new Error("Read-only file system (os error 30)"),
    {
      code: "EROFS",
    },
  );
  const open = () => {
    throw cause;
  };

  assert.throws(() => opened("/media/a.sock", open), {
    message: 'Cannot listen on "/media/a.sock": the file system is read-only',
  });
});

Deno.test("listenTls() speaks HTTP/1.1", async () => {
  const authority = await createTestAuthority();
  const certificate = await authority.issue(["localhost"]);
  using listener = listenTls(ANYWHERE, certificate);
  const served = listener.accept().then(async (conn) => {
    using _conn = conn;
    return await conn.handshake();
  });

  using client = await Deno.connectTls({
    hostname: "localhost",
    port: listener.addr.port,
    caCerts: [authority.ca],
    alpnProtocols: ["h2", "http/1.1"],
  });

  assert.equal((await client.handshake()).alpnProtocol, "http/1.1");
  await served;
});

Deno.test("listenTls() says when it cannot listen", async () => {
  const { issue } = await createTestAuthority();
  const certificate = await issue(["localhost"]);
  using first = listenTls(ANYWHERE, certificate);

  assert.throws(() => listenTls(first.addr, certificate), {
    name: "ListenError",
    message: /the address is in use/,
  });
  assert.throws(() => listenTls(ANYWHERE, { cert: "no", key: "PEM" }), {
    name: "ListenError",
    message: /^Cannot listen on "127\.0\.0\.1:0": /,
  });
});

Deno.test("opened() gives what was opened and keeps the cause of what was not", () => {
  const cause = new RangeError("far");
  const address = { hostname: "::1", port: 80 };

  assert.equal(opened(address, () => 1), 1);
  assert.throws(
    () =>
      opened(address, () => {
        throw cause;
      }),
    { name: "ListenError", message: 'Cannot listen on "[::1]:80": far', cause },
  );
});

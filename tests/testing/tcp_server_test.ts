/** @module */
import assert from "node:assert/strict";
import { createTestAuthority } from "./certs.ts";
import { within } from "./deadline.ts";
import { RawClient } from "./raw_client.ts";
import {
  startEchoServer,
  startGreetingServer,
  startResettingServer,
} from "./tcp_server.ts";

Deno.test("echo server speaks TLS when it has a certificate", async () => {
  const authority = await createTestAuthority();
  const tls = await authority.issue(["localhost"]);
  await using server = startEchoServer({ tls });
  using client = await RawClient.connect({
    port: server.port,
    hostname: "localhost",
    ca: authority.ca,
  });

  await client.send("hello\n");

  assert.equal(await client.readThrough("\n"), "hello\n");
});

Deno.test("greeting server hears what is said after it has ended its side", async () => {
  await using server = startGreetingServer("bye");
  using client = await RawClient.connect(server);

  assert.equal(await client.readAll(), "bye");
  await client.send("still here");
  await client.closeWrite();

  assert.equal(await within(server.received, "the rest"), "still here");
});

Deno.test("resetting server resets after its reply", async () => {
  await using server = await startResettingServer("HTTP/1.1 200 OK\r\n\r\n");
  using client = await RawClient.connect(server);

  await client.send("x");
  await client.readHead();

  await assert.rejects(client.readAll(), Deno.errors.ConnectionReset);
});

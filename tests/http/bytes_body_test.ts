/** @module */
import assert from "node:assert/strict";
import { bytesBody, textBody } from "../../src/http/bytes_body.ts";
import { ByteScanner } from "../testing/byte_scanner.ts";

Deno.test("bytesBody() gives its bytes once, however small the reads", async () => {
  const body = bytesBody(Uint8Array.of(1, 2, 3));
  const into = new Uint8Array(2);

  assert.equal(await body.read(into), 2);
  assert.deepEqual([...into], [1, 2]);
  assert.equal(await body.read(into), 1);
  assert.equal(into[0], 3);
  assert.equal(await body.read(into), null);
  assert.equal(await body.read(into), null);
});

Deno.test("bytesBody() knows its length from beginning to end", async () => {
  const body = bytesBody(Uint8Array.of(1, 2, 3));

  await new ByteScanner(body).readAll();

  assert.equal(body.length, 3);
  assert.equal(body.trailers, undefined);
});

Deno.test("bytesBody() gives nothing more when it is cancelled", async () => {
  const body = bytesBody(Uint8Array.of(1, 2, 3));
  await body.read(new Uint8Array(1));

  body.cancel();

  assert.equal(await body.read(new Uint8Array(1)), null);
});

Deno.test("textBody() is UTF-8 and its length is in bytes", async () => {
  const body = textBody("naïve ✓");

  assert.equal(body.length, 10);
  const bytes = await new ByteScanner(body).readAll();
  assert.equal(new TextDecoder().decode(bytes), "naïve ✓");
});

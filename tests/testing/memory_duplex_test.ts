import assert from "node:assert/strict";
import { ByteScanner, bytesOf, textOf, writeAll } from "./byte_scanner.ts";
import { createMemoryDuplex } from "./memory_duplex.ts";

Deno.test("createMemoryDuplex() carries bytes both ways through little room", async () => {
  const [here, there] = createMemoryDuplex(3);
  const text = "more than three bytes";

  const sending = writeAll(here, bytesOf(text)).then(() => here.closeWrite());
  const got = textOf(await new ByteScanner(there).readAll());
  await sending;
  await writeAll(there, bytesOf("ok"));
  const answer = new Uint8Array(2);
  await here.read(answer);

  assert.deepEqual([got, textOf(answer)], [text, "ok"]);
});

Deno.test("createMemoryDuplex() fails the writer whose reader has closed", async () => {
  const [here, there] = createMemoryDuplex(3);

  there.close();

  await assert.rejects(here.write(bytesOf("x")));
  assert.equal(await here.read(new Uint8Array(1)), null);
});

import assert from "node:assert/strict";

import { closeQuietly } from "../../../src/net/stream/byte_stream.ts";
import { withCloseHook } from "../../../src/net/stream/close_hook.ts";
import { streamPair } from "../../../src/net/stream/stream_pair.ts";

Deno.test("withCloseHook() calls the hook once, and passes bytes and their end on", async () => {
  const [near, far] = streamPair();
  let closed = 0;
  const hooked = withCloseHook(near, () => closed++);
  const into = new Uint8Array(8);

  const written = hooked.write(new Uint8Array([1, 2, 3]));
  assert.equal(await far.read(into), 3);
  assert.equal(await written, 3);
  await hooked.closeWrite();
  assert.equal(await far.read(into), null);
  assert.equal(closed, 0);
  hooked.close();
  closeQuietly(hooked);

  assert.equal(closed, 1);
});

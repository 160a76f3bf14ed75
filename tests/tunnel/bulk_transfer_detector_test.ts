/** @module */
import assert from "node:assert/strict";
import { BulkTransferDetector } from "../../src/tunnel/bulk_transfer_detector.ts";

/** Numbers of a connection that a test changes. */
function createStats() {
  return { bytesReceived: 0, bytesSent: 0, framesReceived: 0 };
}

Deno.test("BulkTransferDetector tells a download from many small responses", () => {
  const download = createStats();
  const answers = createStats();
  const [bulk, small] = [
    new BulkTransferDetector(download),
    new BulkTransferDetector(answers),
  ];
  bulk.isBulk(0);
  small.isBulk(0);
  Object.assign(download, { bytesReceived: 2e6, framesReceived: 40 });
  Object.assign(answers, { bytesReceived: 2e6, framesReceived: 8000 });

  assert.equal(bulk.isBulk(100), true);
  assert.equal(small.isBulk(100), false);
});

Deno.test("BulkTransferDetector knows an upload, of which little comes back", () => {
  const stats = createStats();
  const watch = new BulkTransferDetector(stats);
  watch.isBulk(0);
  Object.assign(stats, { bytesSent: 1e6, framesReceived: 8 });

  assert.equal(watch.isBulk(100), true);
});

Deno.test("BulkTransferDetector looks at what was new since the last time, ten times a second at most", () => {
  const stats = createStats();
  const watch = new BulkTransferDetector(stats);
  watch.isBulk(0);
  Object.assign(stats, { bytesReceived: 1e6, framesReceived: 20 });
  const tooSoon = watch.isBulk(99);
  const then = watch.isBulk(100);
  const after = watch.isBulk(200);

  assert.deepEqual([tooSoon, then, after], [false, true, false]);
});

Deno.test("BulkTransferDetector takes a single page for nothing special", () => {
  const stats = createStats();
  const watch = new BulkTransferDetector(stats);
  watch.isBulk(0);
  Object.assign(stats, { bytesReceived: 40_000, framesReceived: 4 });

  assert.equal(watch.isBulk(100), false);
});

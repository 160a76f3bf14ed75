/** What an upstream proxy says when it makes no connection. */
import assert from "node:assert/strict";
import { Fields } from "../../../src/http/fields.ts";
import { BufferedReader } from "../../../src/http1/parse/buffered_reader.ts";
import {
  readRefusal,
  type UpstreamRefusal,
} from "../../../src/proxy/upstream/upstream_refusal.ts";
import { bytesOf } from "../../plugin/exchanges.ts";

/** Reads a refusal with these fields and bytes. */
async function refusal(
  status: number,
  fields: readonly string[],
  sent: string,
): Promise<UpstreamRefusal> {
  const left = [new TextEncoder().encode(sent)];
  const reader = new BufferedReader({
    read(into) {
      const [next] = left;
      if (next === undefined || next.length === 0) return Promise.resolve(null);
      const part = next.subarray(0, into.length);
      into.set(part);
      left[0] = next.subarray(part.length);
      return Promise.resolve(part.length);
    },
  });
  const head = {
    ...{ status, minorVersion: 1, reason: "" },
    fields: new Fields([...fields]),
  } as unknown as Parameters<typeof readRefusal>[0];
  return await readRefusal(head, reader);
}

const textOf = async ({ response }: UpstreamRefusal) =>
  new TextDecoder().decode(await bytesOf(response.body));

Deno.test("a refusal has status, fields and content", async () => {
  const refused = await refusal(
    403,
    ["X-A", "1", "Connection", "close", "Content-Length", "5"],
    "nope!next",
  );
  assert.equal(
    refused.message,
    "The upstream proxy refused with status 403",
  );
  assert.equal(refused.response.status, 403);
  assert.deepEqual([...refused.response.fields].toSorted(), [
    ["Content-Length", "5"],
    ["X-A", "1"],
  ]);
  assert.equal(await textOf(refused), "nope!");
});

Deno.test("chunks become content with a length", async () => {
  const refused = await refusal(
    502,
    ["Transfer-Encoding", "chunked"],
    "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
  );
  assert.deepEqual([...refused.response.fields], [["Content-Length", "3"]]);
  assert.equal(await textOf(refused), "abc");
});

Deno.test("a refusal may have no content", async () => {
  const refused = await refusal(407, ["Content-Length", "0"], "");
  assert.equal(refused.response.body, undefined);
  assert.equal(refused.response.fields.get("content-length"), "0");
});

Deno.test("64 KiB of a refusal are passed on, and no more", async () => {
  const size = 64 * 1024;
  const whole = await refusal(403, [], "x".repeat(size));
  assert.equal((await textOf(whole)).length, size);
  const cut = await refusal(403, [], "x".repeat(size + 1));
  assert.equal((await textOf(cut)).length, size);
  assert.equal(cut.response.fields.get("content-length"), `${size}`);
});

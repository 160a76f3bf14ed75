/**
 * HTTP/1.1 that readers disagree about. A row says what we make of the bytes:
 * messages to their end, or a refusal with its reason. Refusing for another
 * reason is a failure: the rule that the row is about could be gone.
 */
import assert from "node:assert/strict";
import { type Reading, readRequests, readResponse } from "../read_messages.ts";
import { REQUEST_CONTENT } from "./request_content_rows.ts";
import { REQUEST_HEADS } from "./request_head_rows.ts";
import { RESPONSES } from "./response_rows.ts";
import type { Row } from "./row.ts";

/** Follows each request: who finds the wrong end reads it as content, or not at all. */
const NEXT = "GET /next HTTP/1.1\r\nHost: a.test\r\n\r\n";

for (
  const [about, rows] of Object.entries({
    ...REQUEST_HEADS,
    ...REQUEST_CONTENT,
  })
) {
  Deno.test(`each ${about} of a request has one meaning, or the request is refused`, async () => {
    for (const row of rows) {
      const reading = await readRequests(row.text + NEXT);
      check(row, about, reading, row.read && [...row.read, "GET /next|"]);
    }
  });
}

for (const [about, rows] of Object.entries(RESPONSES)) {
  Deno.test(`each ${about} of a response has one meaning, or the response is refused`, async () => {
    for (const row of rows) {
      check(row, about, await readResponse(row.text), row.read);
    }
  });
}

Deno.test("a response to HEAD has no content, whatever its fields say", async () => {
  const text = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  const { messages } = await readResponse(text, { method: "HEAD" });
  assert.deepEqual(messages.map(({ content }) => content), [""]);
});

function check(
  row: Row,
  about: string,
  { messages, error }: Reading,
  wanted: readonly string[] | undefined,
): void {
  const name = `${about}: ${row.what}`;
  const found = messages.map(({ start, content }) => `${start}|${content}`);
  if (wanted !== undefined) {
    assert.equal(error, undefined, name);
    assert.deepEqual(found, wanted, name);
    return;
  }
  assert.deepEqual(found, [], name);
  const message = error?.message ?? "";
  assert.ok(
    row.error !== undefined && message.includes(row.error),
    `${name}: "${message}"`,
  );
}

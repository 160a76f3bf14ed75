/** The example for Playwright, in the folder where the package is installed. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { ServerProgram } from "../system/programs.ts";
import { playExample } from "./examples.ts";
import type { Installation } from "./installation.ts";

/** The part of its report that is read. */
interface Attachment {
  readonly name: string;
  readonly body: string;
}

/** Plays it, and reads the requests that the failed test has attached. */
export async function playPlaywright(
  { folder: below }: Installation,
  server: ServerProgram,
): Promise<void> {
  const { folder, sentence } = await playExample({
    name: "playwright",
    command: ["npx", "--offline", "playwright", "test"],
    below,
  }, server);

  const report = await Deno.readTextFile(join(folder, "results.json"));
  const [attachment] = attachmentsIn(JSON.parse(report));
  assert.equal(attachment?.name, "sallyport.har");
  const har = JSON.parse(atob(attachment.body));
  const [entry] = har.log.entries;
  assert.equal(entry.request.method, "CONNECT");
  // The name of the test, and what tells runs apart.
  assert.match(entry._job, /the-secure-shop-opens-[\da-f]{8}$/);
  const said = entry.response.headers.map(
    ({ value }: { readonly value: string }) => value,
  );
  assert.ok(said.some((value: string) => value.includes(sentence)), said);
}

function attachmentsIn(value: unknown): readonly Attachment[] {
  if (typeof value !== "object" || value === null) return [];
  const own = "attachments" in value && Array.isArray(value.attachments)
    ? value.attachments
    : [];
  return [...own, ...Object.values(value).flatMap(attachmentsIn)];
}

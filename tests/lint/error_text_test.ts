/**
 * Errors are distinguished by class and code: their texts differ between
 * systems, languages and versions.
 *
 * @module
 */
import assert from "node:assert/strict";
import { textsOf } from "./sources.ts";

/** Decisions about the text of an error. */
const DECISIONS: readonly RegExp[] = [
  /\bmessage\s*\??\.(?:includes|startsWith|endsWith|match|search)\(/,
  /\/[dgimsuvy]*\.(?:test|exec)\(\s*(?:[\w#]+\??\.)*message\b/,
  /\b(?:error|cause|failure|reason)\.message\s*[!=]==/,
  /\btext\.(?:includes|startsWith)\((?:UNTRUSTED|"(?:certificate|Invalid))/,
  /\bos error\b.*\.(?:test|exec|includes)\(/,
];

/** File → why it has no class and no code to look at. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  "src/client/rest/rest_error.ts": "the words of a Sallyport server of any age",
  "src/net/dial_error.ts": "Deno's TLS has one class and no code",
  "src/proxy/errors/error_page.ts": "prints what is not said already",
  "src/server/acme/acme_client.ts": "CAs name the terms in many ways",
  "src/server/acme/acme_http.ts": "fetch() has one class and no code",
  "src/store/database.ts": "only whether it is its own reason",
};

Deno.test("errors are distinguished by class and code, not by text", async () => {
  const found = new Set<string>();
  for (const [path, text] of await textsOf("src")) {
    // Commands of the wire are texts too, but not of errors.
    if (DECISIONS.some((each) => each.test(text))) found.add(path);
  }

  assert.deepEqual([...found].toSorted(), Object.keys(EXCEPTIONS).toSorted());
});

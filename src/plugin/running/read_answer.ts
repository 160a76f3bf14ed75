/* A `Response` that a hook returned, as data. */
import type { ByteSource, OwnResponse } from "../results/outcomes.ts";
import { checkedFields } from "../results/header_edits.ts";
import { valueKindOf } from "../results/value_kind.ts";
import { sourceOf } from "./message_content.ts";

/**
 * Reads what `request` or `response` returned.
 *
 * @param isStreaming Whether the hook reads a message as a stream: its own
 * response may be made of it.
 * @throws {TypeError} With the reason.
 */
export function readAnswer(
  returned: unknown,
  isStreaming: () => boolean,
): OwnResponse | undefined {
  if (returned === undefined || returned === null) return undefined;
  if (!(returned instanceof Response)) {
    throw new TypeError(
      `it returned ${valueKindOf(returned)}, change the message in place, ` +
        "or return a Response",
    );
  }
  if (returned.bodyUsed || returned.body?.locked) {
    throw new TypeError(
      "it returned a Response whose body is used, return a new one",
    );
  }
  const { status } = returned;
  if (status < 200) {
    throw new TypeError(
      `it returned a Response with status ${status}, return 200 to 599`,
    );
  }
  const headers = new Headers(returned.headers);
  // `fetch` has decoded the content, but kept the field that names the coding.
  if (returned.url !== "") headers.delete("content-encoding");
  const source = returned.body === null ? undefined : sourceOf(returned.body);
  return {
    ...{ kind: "respond", status, headers: checkedFields(headers) },
    body: source && planOf(source, isStreaming()),
  };
}

function planOf(source: ByteSource, isDerived: boolean): OwnResponse["body"] {
  return { kind: "stream", source, isDerived };
}

/* Applies the outcome of a `response` hook. */
import type { PlainResponse } from "../../http/exchange.ts";
import { endsAfterHeader } from "../../http1/parse/framing.ts";
import { changeContent, giveUp } from "./change_content.ts";
import type { HookedContent } from "./hooked_content.ts";
import { applyHeaderEdits } from "./header_edits.ts";
import type { BodyPlan, ResponseChange, ResponseData } from "./outcomes.ts";

const NOTHING: BodyPlan = { kind: "bytes", bytes: new Uint8Array() };

/** A response as data for hooks. */
export function responseData(
  { status, fields }: PlainResponse,
): ResponseData {
  return { status, headers: fields.flat };
}

/**
 * The response after the change. Afterwards, the content of `response` must not
 * be used.
 *
 * @throws {TypeError} When the change is not allowed.
 */
export function changeResponse(
  response: PlainResponse,
  change: ResponseChange,
  { method, reader }: {
    /** Of the request: responses to HEAD have no content. */
    readonly method: string;
    /** Of the content of `response`. */
    readonly reader: HookedContent;
  },
): PlainResponse {
  const status = change.status ?? response.status;
  const fields = applyHeaderEdits(response.fields, change.headers);
  if (!endsAfterHeader(method, status)) {
    const content = changeContent(fields, change.body, reader);
    return { ...response, ...content, status };
  }
  giveUp(change.body);
  if (response.body === undefined) return { ...response, fields, status };
  // The new status has no content, but the old one had.
  reader.discard();
  reader.dropTrailers();
  const content = changeContent(fields, NOTHING, reader);
  return { ...response, ...content, status };
}

/**
 * From what a `response` hook decided to the answer that is passed on.
 *
 * @module
 */
import type { PlainResponse } from "../../http/exchange.ts";
import { hasNoContent } from "../../http1/parse/framing.ts";
import { changeBody, releaseUnused, replaced } from "./change_body.ts";
import { changeHeaders } from "./change_headers.ts";
import type { ResponseChange, ResponseFacts } from "./outcomes.ts";

/** An answer as hooks are told. */
export function responseFacts(
  { status, fields }: PlainResponse,
): ResponseFacts {
  return { status, headers: fields.flat };
}

/**
 * The answer after the change. `response` stays as it is, except that its
 * content is no longer usable.
 *
 * @param method Of the request: answers to HEAD have no content.
 * @param onSkipped Told why text could not be changed.
 */
export async function changeResponse(
  response: PlainResponse,
  change: ResponseChange,
  { method, onSkipped }: {
    readonly method: string;
    readonly onSkipped: (reason: string) => void;
  },
): Promise<PlainResponse> {
  const status = change.status ?? response.status;
  const fields = changeHeaders(response.fields, change.headers);
  const before = { body: response.body, fields };
  if (!hasNoContent(method, status)) {
    const content = await changeBody(before, change.body, onSkipped);
    return { ...response, ...content, status };
  }
  releaseUnused(change.body);
  if (response.body === undefined) return { ...response, fields, status };
  // A status that has no content now stands for one that had.
  return { ...response, ...replaced(before, new Uint8Array()), status };
}

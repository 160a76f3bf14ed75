/* Applies the outcome of a `response` hook. */
import type { PlainResponse } from "../../http/exchange.ts";
import { endsAfterHeader } from "../../http1/parse/framing.ts";
import { changeBody, releaseUnused, replaced } from "./change_body.ts";
import { changeHeaders } from "./change_headers.ts";
import type { ResponseChange, ResponseData } from "./outcomes.ts";

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
 * @param method Of the request: responses to HEAD have no content.
 * @param onSkipped Called with the reason when text could not be changed.
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
  if (!endsAfterHeader(method, status)) {
    const content = await changeBody(before, change.body, onSkipped);
    return { ...response, ...content, status };
  }
  releaseUnused(change.body);
  if (response.body === undefined) return { ...response, fields, status };
  // The new status has no content, but the old one had.
  return { ...response, ...replaced(before, new Uint8Array()), status };
}

/**
 * Logs the calls of the REST API, as much of them as the user asks for.
 *
 * @module
 */
import type { HttpLogMode } from "../../log/http_log.ts";
import { hideInContent, logHttp } from "../../log/http_message.ts";
import { logger } from "../../log/log.ts";
import type { TextReply, TextRequest } from "../rest/fetch_text.ts";

/** Asks for a text: `requestText`. */
type AskText = (request: TextRequest) => Promise<TextReply>;

const log = logger("control");

/** `ask`, whose calls are logged. A call without an answer is not: whoever makes it says so. */
export function loggedText(ask: AskText, mode: HttpLogMode = "none"): AskText {
  if (mode === "none") return ask;
  return async function askAndLog(request) {
    const startedAt = performance.now();
    const reply = await ask(request);
    logHttp(log, mode, {
      method: request.method,
      url: request.origin + request.path,
      status: reply.status,
      duration: performance.now() - startedAt,
      request: pairsOf(request.fields),
      response: [],
      requestBody: hideInContent(request.json ?? ""),
      responseBody: hideInContent(reply.text),
    });
    return reply;
  };
}

function pairsOf(fields: readonly string[]): [string, string][] {
  return fields.flatMap((name, at): [string, string][] =>
    at % 2 === 0 ? [[name, fields[at + 1] ?? ""]] : []
  );
}

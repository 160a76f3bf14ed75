/**
 * The client's answer to the server's question whether requests pass.
 *
 * @module
 */
import type { Handler } from "../../http/exchange.ts";
import { Fields } from "../../http/fields.ts";
import { PROBE_HOST } from "../../tunnel/protocol.ts";

/** Answers requests for the probe's host with 204; gives all others to `handler`. */
export function answerProbe(handler: Handler): Handler {
  return function answerOrPass(request, context) {
    if (request.authority !== PROBE_HOST) return handler(request, context);
    return Promise.resolve({
      kind: "response",
      status: 204,
      fields: new Fields(),
      body: undefined,
    });
  };
}

/** Logs the requests of a web application, in as much detail as configured. */
import type { MiddlewareHandler } from "hono";
import type { HttpLogMode } from "../../log/http_log.ts";
import { logHttp } from "../../log/http_message.ts";
import { logger } from "../../log/log.ts";
import { SampledText } from "../../log/sampled_text.ts";

const log = logger("api");

/** Middleware that logs every request and its response. */
export function logApi(mode: HttpLogMode): MiddlewareHandler {
  return async function logRequest(c, next) {
    const startedAt = performance.now();
    await next();
    const duration = performance.now() - startedAt;
    const responseBody = mode === "body" ? await textOf(c.res) : undefined;
    logHttp(log, mode, {
      method: c.req.method,
      url: c.req.url,
      status: c.res.status,
      duration,
      request: c.req.raw.headers,
      response: c.res.headers,
      responseBody,
    });
  };
}

/** The body as text. Event streams never end, and scripts and styles are not worth logging. */
async function textOf(response: Response): Promise<string> {
  const type = response.headers.get("Content-Type") ?? undefined;
  if (/^text\/(event-stream|css|javascript)/.test(type ?? "")) {
    return `(${type})`;
  }
  const sample = new SampledText(type, undefined);
  sample.add(new Uint8Array(await response.clone().arrayBuffer()));
  return String(sample);
}

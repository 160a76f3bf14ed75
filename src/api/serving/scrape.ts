import { expose } from "../../metrics/exposition.ts";
import type { Registry } from "../../metrics/registry.ts";

/** The response to a scrape of `/metrics`: all metrics, in the format that the request accepts, uncompressed. */
export async function scrapeReply(
  request: Request,
  metrics: Registry,
): Promise<Response> {
  const accept = request.headers.get("accept") ?? undefined;
  const { contentType, text } = await expose(metrics, accept);
  return new Response(text, {
    headers: {
      "Content-Type": contentType,
      "Cache-Control": "no-store",
      "Vary": "Accept",
    },
  });
}

/**
 * Changes events of a server-sent event stream while it runs: here, prices.
 *
 * ```yaml
 * plugins:
 *   - use: ./sse_edit.ts
 *     match: { host: shop.example, path: /events }
 *     options: { event: price, value: '{"price":1}' }
 * ```
 *
 * Events pass as soon as they are complete. All other events stay as they are.
 */
import type { Plugin } from "sallyport";

interface Options {
  /** The type of the events to change. */
  readonly event: string;
  /** Their new data, in one line. */
  readonly value: string;
}

export default {
  response(response, { options }) {
    const type = response.headers.get("Content-Type") ?? "";
    if (response.body === null || !type.startsWith("text/event-stream")) return;
    response.body = response.body
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(eachEvent((event) => edited(event, options)))
      .pipeThrough(new TextEncoderStream());
  },
} satisfies Plugin<Options>;

/** Cuts a stream into events: lines that end with an empty one. */
function eachEvent(
  edit: (event: string) => string,
): TransformStream<string, string> {
  let rest = "";
  return new TransformStream({
    transform(text, out) {
      const events = (rest + text).split(/(?<=\r?\n\r?\n)/);
      // The last one may be incomplete.
      rest = /\r?\n\r?\n$/.test(events.at(-1) ?? "") ? "" : events.pop() ?? "";
      for (const event of events) out.enqueue(edit(event));
    },
    flush: (out) => out.enqueue(rest),
  });
}

function edited(event: string, { event: type, value }: Options): string {
  const lines = event.split(/\r?\n/);
  if (!lines.includes(`event: ${type}`)) return event;
  const others = lines.filter((line) => line && !line.startsWith("data:"));
  return [...others, `data: ${value}`, "", ""].join("\n");
}

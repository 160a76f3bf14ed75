/**
 * Replaces a text in content of any length, while it flows:
 *
 * ```yaml
 * plugins:
 *   - use: ./stream_replace.ts
 *     match: { host: shop.example, path: "/feed*" }
 *     options: { find: www.shop.example, replace: staging.shop.example }
 * ```
 */
import type { Plugin } from "sallyport";

interface Options {
  readonly find: string;
  readonly replace: string;
}

export default {
  response(response, { options: { find, replace } }) {
    if (response.body === null || find === "") return;
    response.body = response.body
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(replacing(find, replace))
      .pipeThrough(new TextEncoderStream());
  },
} satisfies Plugin<Options>;

/** A text may be cut anywhere: what might be its beginning waits for the next piece. */
function replacing(
  find: string,
  replace: string,
): TransformStream<string, string> {
  let rest = "";
  return new TransformStream({
    transform(text, out) {
      const all = rest + text;
      const end = all.lastIndexOf(find);
      const from = Math.max(
        end < 0 ? 0 : end + find.length,
        all.length - find.length + 1,
      );
      rest = all.slice(from);
      out.enqueue(all.slice(0, from).replaceAll(find, () => replace));
    },
    flush: (out) => out.enqueue(rest.replaceAll(find, () => replace)),
  });
}

/**
 * Records what a site responds, and responds itself the next time: tests
 * without a site, with the same data each day. The recording is a HAR file,
 * which browsers and editors read.
 *
 * ```yaml
 * plugins:
 *   - use: ./record_replay.ts
 *     match: { host: api.example }
 *     options: { file: /srv/lab/api.har, mode: record }
 *     allow: { read: [/srv/lab/api.har], write: [/srv/lab/api.har] }
 * ```
 *
 * With `mode: replay`, no request reaches the site; what was not recorded is
 * 404. Text of at most 1 MiB is recorded, other content as its status only.
 */
import type { Plugin } from "sallyport";

interface Options {
  readonly file: string;
  readonly mode: "record" | "replay";
}

interface Pair {
  readonly name: string;
  readonly value: string;
}

/** An entry of a HAR file, as far as it is needed. */
interface Entry {
  readonly startedDateTime: string;
  readonly request: { readonly method: string; readonly url: string };
  readonly response: {
    readonly status: number;
    readonly headers: readonly Pair[];
    readonly content: { readonly mimeType: string; readonly text?: string };
  };
}

/** A recording has a thousand requests at most: it is kept in memory. */
const MAX_ENTRIES = 1_000;
const entries = new Map<string, Entry>();
let file = "";

export default {
  async setup({ options }) {
    if (options.mode === "record") {
      file = options.file;
      return;
    }
    const { log } = JSON.parse(await Deno.readTextFile(options.file)) as {
      log: { entries: readonly Entry[] };
    };
    for (const entry of log.entries) {
      entries.set(`${entry.request.method} ${entry.request.url}`, entry);
    }
  },
  request({ method, url }, { options: { mode } }) {
    if (mode === "record") return;
    const entry = entries.get(`${method} ${url.href}`);
    if (entry === undefined) {
      return new Response("This request was not recorded", { status: 404 });
    }
    const { status, headers, content } = entry.response;
    const hasBody = status !== 204 && status !== 304;
    return new Response(hasBody ? content.text ?? "" : null, {
      status,
      headers: headers.map(({ name, value }): [string, string] => [name, value])
        .filter(([name]) => !/^(content-encoding|content-length)$/i.test(name)),
    });
  },
  async response(response, { request, options: { mode }, log }) {
    if (mode === "replay" || entries.size >= MAX_ENTRIES) return;
    const { method, url } = request;
    const text = await response.text().catch((cause: Error) => {
      log.warn("content is not recorded", { cause: cause.message });
      return undefined;
    });
    entries.set(`${method} ${url.href}`, {
      startedDateTime: new Date().toISOString(),
      request: { method, url: url.href },
      response: {
        status: response.status,
        headers: [...response.headers].map(([name, value]) => ({
          name,
          value,
        })),
        content: {
          mimeType: response.headers.get("Content-Type") ?? "",
          ...text !== undefined && { text },
        },
      },
    });
  },
  async [Symbol.asyncDispose]() {
    if (file === "") return;
    const creator = { name: "record_replay", version: "1" };
    const log = { version: "1.2", creator, entries: [...entries.values()] };
    await Deno.writeTextFile(file, JSON.stringify({ log }));
  },
} satisfies Plugin<Options>;

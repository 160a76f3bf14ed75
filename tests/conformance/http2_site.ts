/**
 * A site that speaks HTTP/2 only, in our server role: what the programs of
 * others are pointed at.
 *
 * @module
 */
import type { Http2ServerStream } from "../../src/http2/api.ts";
import { writeAll } from "../../src/net/stream/copy.ts";
import {
  type Carrier,
  type Http2Site,
  startHttp2Site,
} from "../testing/http2_site.ts";

/** Its content for every path but `/echo` and `/<bytes>`. */
export const HELLO = "hello";

/** Starts the site. */
export function startConformanceSite(carrier: Carrier): Promise<Http2Site> {
  return startHttp2Site(answer, {
    carrier,
    protocols: ["h2"],
    http2: { closeTimeout: 500 },
  });
}

/** `/echo` gives back what it gets, `/1000` gives a thousand bytes, everything else says hello. */
async function answer(stream: Http2ServerStream): Promise<void> {
  try {
    const path = stream.fields[stream.fields.indexOf(":path") + 1] ?? "/";
    if (path === "/echo") {
      await stream.respond([":status", "200"]);
      await stream.writeTo(stream);
      return await stream.sendTrailers(["x-end", "yes"]);
    }
    const scratch = new Uint8Array(65_536);
    while (await stream.read(scratch) !== null);
    const size = Number(path.slice(1)) || 0;
    const content = size === 0
      ? new TextEncoder().encode(HELLO)
      : new Uint8Array(size).fill(0x78);
    const length = String(content.length);
    await stream.respond([":status", "200", "content-length", length]);
    await writeAll(stream, content);
    await stream.closeWrite();
  } catch {
    // The peer has given up the stream: what these programs test.
    stream.close();
  }
}

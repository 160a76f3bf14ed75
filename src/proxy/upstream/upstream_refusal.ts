/**
 * What an upstream proxy says when it makes no connection: it is passed on as
 * it is, because it gives the reason of the operator of that proxy.
 */
import { bytesBody } from "../../http/bytes_body.ts";
import type { PlainResponse } from "../../http/exchange.ts";
import { withoutHopByHop } from "../../http/hop_by_hop.ts";
import type { BufferedReader } from "../../http1/parse/buffered_reader.ts";
import { connectionHeaders } from "../../http1/parse/connection_headers.ts";
import { responseFraming } from "../../http1/parse/framing.ts";
import type { ParsedResponse } from "../../http1/parse/header_parser.ts";
import { MessageBody } from "../../http1/parse/message_body.ts";

/** Most content of a refusal that is passed on, in bytes: a page of words, not a download. */
const MAX_REFUSAL: number = 64 * 1024;

/** An upstream proxy refused. */
export class UpstreamRefusal extends Error {
  override readonly name = "UpstreamRefusal";
  /** What it said. */
  readonly response: PlainResponse;

  constructor(response: PlainResponse) {
    super(`The upstream proxy refused with status ${response.status}`);
    this.response = response;
  }
}

/**
 * Reads the refusal whose head is `head` from the connection of a CONNECT.
 *
 * @throws {Http1Error} When it is not HTTP.
 */
export async function readRefusal(
  head: ParsedResponse,
  reader: BufferedReader,
): Promise<UpstreamRefusal> {
  const { status, minorVersion } = head;
  const control = connectionHeaders(head.fields);
  const framing = responseFraming(control, {
    method: "GET",
    status,
    minorVersion,
  });
  const content = framing.kind === "none"
    ? new Uint8Array()
    : await readContent(new MessageBody(reader, framing));
  const fields = withoutHopByHop(head.fields);
  fields.set("Content-Length", String(content.length));
  return new UpstreamRefusal({
    kind: "response",
    status,
    fields,
    body: content.length === 0 ? undefined : bytesBody(content),
  });
}

async function readContent(body: MessageBody): Promise<Uint8Array> {
  const content = new Uint8Array(MAX_REFUSAL);
  let filled = 0;
  while (filled < content.length) {
    const count = await body.read(content.subarray(filled));
    if (count === null) break;
    filled += count;
  }
  return content.slice(0, filled);
}

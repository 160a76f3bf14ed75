/*
 * Changes content as text: reads all of it, undoes its content codings
 * (RFC 9110 §8.4.1), decodes it, and describes the result in its fields.
 */
import type { Buffer } from "node:buffer";
import { brotliDecompress, gunzip, inflate, zstdDecompress } from "node:zlib";
import { bytesBody } from "../../http/bytes_body.ts";
import type { Fields } from "../../http/fields.ts";
import { listMembers } from "../../http/tokens.ts";
import type { TextPlan } from "./outcomes.ts";
import { type Content, PrefixedBody, readUpTo } from "./content.ts";

/**
 * The content with its text changed. Content that is too long or cannot be
 * decoded is returned unchanged, after a call of `onSkipped` with the reason.
 *
 * @throws What the plugin or reading throws.
 */
export async function rewriteText(
  { body, fields }: Content,
  plan: TextPlan,
  onSkipped: (reason: string) => void,
): Promise<Content> {
  if (body === undefined) return { body, fields };
  const { limit } = plan;
  if (body.length !== undefined && body.length > limit) {
    onSkipped(`it is longer than ${limit} bytes`);
    return { body, fields };
  }
  const { bytes, isWhole } = await readUpTo(body, limit);
  if (!isWhole) {
    onSkipped(`it is longer than ${limit} bytes`);
    return { body: new PrefixedBody(bytes, body), fields };
  }
  const before = await decode(bytes, fields, limit).catch((thrown) => {
    onSkipped(thrown instanceof Error ? thrown.message : String(thrown));
  });
  if (before === undefined) {
    return { body: new PrefixedBody(bytes, body), fields };
  }
  const after = await plan.rewrite(before);
  return encoded(after, fields);
}

/** @throws {TypeError} When the content does not match its fields. */
async function decode(
  bytes: Uint8Array,
  fields: Fields,
  limit: number,
): Promise<string> {
  const plain = await decompress(
    bytes,
    fields.getList("content-encoding"),
    limit,
  );
  const charset = charsetOf(fields.get("content-type")) ?? "utf-8";
  try {
    return new TextDecoder(charset, { fatal: true, ignoreBOM: true })
      .decode(plain);
  } catch (cause) {
    throw new TypeError(`it is not text in ${charset}`, { cause });
  }
}

function encoded(text: string, before: Fields): Content {
  const bytes = new TextEncoder().encode(text);
  const fields = before.clone();
  fields.delete("content-encoding");
  fields.set("Content-Length", String(bytes.length));
  const type = fields.get("content-type");
  if (type !== undefined && charsetOf(type) !== undefined) {
    fields.set("Content-Type", type.replace(CHARSET, "$1utf-8"));
  }
  return { body: bytes.length === 0 ? undefined : bytesBody(bytes), fields };
}

/** RFC 9110 §8.3.2. */
const CHARSET = /(;\s*charset\s*=\s*)"?([^\s;"]+)"?/i;

function charsetOf(type: string | undefined): string | undefined {
  return type === undefined ? undefined : CHARSET.exec(type)?.[2];
}

type Decoder = (
  bytes: Uint8Array,
  options: { readonly maxOutputLength: number },
  callback: (error: Error | null, result: Buffer) => void,
) => void;

const DECODERS: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ["gzip", gunzip],
  ["x-gzip", gunzip],
  ["deflate", inflate],
  ["br", brotliDecompress],
  ["zstd", zstdDecompress],
]);

/** Codings of one content. Compressing twice already has no use. */
const MAX_CODINGS = 2;

/**
 * Undoes the codings that a `Content-Encoding` field lists.
 *
 * @param limit Of the decoded content, in bytes.
 * @throws {TypeError} When a coding is unknown, its bytes are invalid, or the
 * result is too long.
 */
async function decompress(
  bytes: Uint8Array,
  codings: string | undefined,
  limit: number,
): Promise<Uint8Array> {
  if (codings === undefined) return bytes;
  const names = listMembers(codings).filter((name) => name !== "identity");
  if (names.length > MAX_CODINGS) {
    throw new TypeError(`it is compressed ${names.length} times`);
  }
  let plain = bytes;
  for (const name of names.reverse()) {
    plain = await decodeOne(plain, name, limit);
  }
  return plain;
}

function decodeOne(
  bytes: Uint8Array,
  name: string,
  limit: number,
): Promise<Uint8Array> {
  const decoder = DECODERS.get(name);
  if (decoder === undefined) {
    return Promise.reject(
      new TypeError(`its content coding "${name}" is unknown`),
    );
  }
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  decoder(bytes, { maxOutputLength: limit }, (cause, plain) => {
    if (cause === null) return resolve(plain);
    const isLong = "code" in cause && cause.code === "ERR_BUFFER_TOO_LARGE";
    const reason = isLong
      ? `it is longer than ${limit} bytes`
      : `it is not valid ${name}`;
    reject(new TypeError(reason, { cause }));
  });
  return promise;
}

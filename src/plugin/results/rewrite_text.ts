/**
 * Changes content as text: reads all of it, decodes it, has it changed, and
 * describes what came out.
 *
 * @module
 */
import { bytesBody } from "../../http/bytes_body.ts";
import type { Body } from "../../http/exchange.ts";
import type { Fields } from "../../http/fields.ts";
import type { Content } from "./change_body.ts";
import { decompress } from "./decompress.ts";
import type { TextPlan } from "./outcomes.ts";
import { PrefixedBody, readUpTo } from "./read_up_to.ts";

/**
 * The content with its text changed. What is too long or cannot be decoded is
 * given back unchanged, after telling `onSkipped` why.
 *
 * @throws What the plugin throws; what reading throws.
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
  if (before === undefined) return { body: unchanged(bytes, body), fields };
  const after = await plan.rewrite(before);
  return encoded(after, fields);
}

/** @throws {TypeError} When it is not what its fields say. */
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

/** As it was, its trailers included. */
function unchanged(bytes: Uint8Array, body: Body): Body {
  return new PrefixedBody(bytes, body);
}

/** RFC 9110 §8.3.2. */
const CHARSET = /(;\s*charset\s*=\s*)"?([^\s;"]+)"?/i;

function charsetOf(type: string | undefined): string | undefined {
  return type === undefined ? undefined : CHARSET.exec(type)?.[2];
}

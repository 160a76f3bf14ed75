/* Applies changes to content, and to the fields that describe it. */
import { bytesBody } from "../../http/bytes_body.ts";
import type { Content } from "./content.ts";
import type { BodyPlan } from "./outcomes.ts";
import { rewriteText } from "./rewrite_text.ts";
import { TransformedBody } from "./plugin_bodies.ts";

/**
 * The content after the change. Afterwards, the given content must not be used.
 *
 * @param onSkipped Called with the reason when text could not be changed.
 */
export async function changeBody(
  content: Content,
  plan: BodyPlan | undefined,
  onSkipped: (reason: string) => void,
): Promise<Content> {
  switch (plan?.kind) {
    case undefined:
      return content;
    case "bytes":
      return replaced(content, plan.bytes);
    case "text":
      try {
        return await rewriteText(content, plan, onSkipped);
      } finally {
        plan.release();
      }
    case "transform": {
      if (content.body === undefined) {
        plan.release();
        return content;
      }
      const fields = content.fields.clone();
      fields.delete("content-length");
      return { body: new TransformedBody(content.body, plan), fields };
    }
  }
}

/** Replaces content by bytes, and cancels the old content. */
export function replaced(
  { body, fields: before }: Content,
  bytes: Uint8Array,
): Content {
  body?.cancel();
  const fields = before.clone();
  fields.delete("content-encoding");
  fields.set("Content-Length", String(bytes.length));
  return { body: bytes.length === 0 ? undefined : bytesBody(bytes), fields };
}

/** Releases a change that is not applied. */
export function releaseUnused(plan: BodyPlan | undefined): void {
  if (plan !== undefined && plan.kind !== "bytes") plan.release();
}

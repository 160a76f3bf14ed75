/* What an error says, and what it says it was caused by. */
import type { LogFields } from "../api/context.ts";

/** Errors in a chain. More do not help a reader. */
const MAX_CAUSES = 5;

/**
 * The first lines of an error's message and of those of its causes, its own
 * first. A cause that is said already is left out. A failed `fetch` says why
 * only in its cause.
 */
export function messagesOf(error: Error): readonly string[] {
  const messages: string[] = [];
  let next: unknown = error;
  // Errors can cause each other.
  for (let depth = 0; depth < MAX_CAUSES; depth += 1) {
    if (!(next instanceof Error)) break;
    const [message = ""] = (next.message || next.name).split("\n", 1);
    const isSaid = messages.some((earlier) => earlier.includes(message));
    if (!isSaid) messages.push(message);
    next = next.cause;
  }
  return messages;
}

/** The fields of a log line, whose errors have their causes. */
export function withCauses(fields: LogFields | undefined): LogFields {
  const copy: Record<string, unknown> = { ...fields };
  for (const [name, value] of Object.entries(copy)) {
    if (value instanceof Error && value.cause !== undefined) {
      copy[name] = messagesOf(value).join(": ");
    }
  }
  return copy;
}

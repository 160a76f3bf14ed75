/* What an error says, and what it says it was caused by. */
import type { LogFields } from "../api/context.ts";

/** Errors in a chain. More do not help a reader. */
const MAX_CAUSES = 5;

/**
 * The messages of an error and of its causes, the error's own first. A cause
 * that the message repeats is left out: `fetch failed` says nothing without it.
 */
export function messagesOf(error: Error): readonly string[] {
  const messages: string[] = [];
  let next: unknown = error;
  // Errors can cause each other.
  for (let depth = 0; depth < MAX_CAUSES; depth += 1) {
    if (next === undefined || next === null) break;
    const message = textOf(next);
    const isSaid = messages.some((earlier) => earlier.includes(message));
    if (!isSaid) messages.push(message);
    next = next instanceof Error ? next.cause : undefined;
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

function textOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  return thrown.message || thrown.name;
}

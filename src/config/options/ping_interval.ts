import type { z } from "zod";
import { duration } from "../values/values.ts";

/** More often would be work without use, in milliseconds. */
const SHORTEST = 100;
/** A NAT may forget after 10 s. */
const DEFAULT = 5_000;

/** The time between checks of a connection, in milliseconds: one option of both programs. */
export function pingInterval(): z.ZodType<number, string | undefined> {
  return duration()
    .refine((ms) => ms >= SHORTEST, "expected a duration of 100ms or longer")
    .default(DEFAULT);
}

/**
 * Tells of variables of the environment that were meant to set an option.
 *
 * @module
 */
import type { AnyFields } from "../config/field.ts";
import { misspeltVariables } from "../config/sources/misspelt.ts";
import type { Context } from "./context.ts";

/** A line for each: what is misspelt is else as if it were not set. */
export function warnMisspelt(
  fields: AnyFields,
  { environment, complain }: Pick<Context, "environment" | "complain">,
): void {
  for (const { name, meant } of misspeltVariables(fields, environment)) {
    complain(`Ignoring ${name}: it is no option, did you mean "${meant}"?`);
  }
}

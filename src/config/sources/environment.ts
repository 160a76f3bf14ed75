/**
 * The environment: `SALLYPORT_*`, and `SAUCE_*` where that is not set.
 *
 * @module
 */
import { type AnyFields, byName, type Field } from "../field.ts";
import { type Given, type GivenValues, valuesIn } from "./given.ts";
import { variableNames } from "./names.ts";

/** Looks up an environment variable. */
export type Environment = (name: string) => string | undefined;

/** What the environment sets. An empty variable counts as not set. */
export function readEnvironment(
  fields: AnyFields,
  environment: Environment,
): GivenValues {
  const given = new Map<string, Given>();
  for (const [name, { option, field }] of byName(fields)) {
    if (given.has(option)) continue;
    const found = lookUp(name, field, environment);
    if (found !== undefined) given.set(option, found);
  }
  return given;
}

function lookUp(
  name: string,
  field: Field<unknown>,
  environment: Environment,
): Given | undefined {
  for (const source of variableNames(name)) {
    const value = environment(source);
    if (value === undefined || value === "") continue;
    const isList = field.takes === "many";
    return { raw: isList ? valuesIn(value, field) : value, source };
  }
  return undefined;
}

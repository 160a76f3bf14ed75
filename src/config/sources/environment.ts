// Reads `SALLYPORT_*`, and `SAUCE_*` where that is unset.
import {
  type AnyOptionFields,
  fieldsByName,
  type OptionField,
} from "../field.ts";
import {
  type OptionValue,
  type OptionValues,
  splitValues,
} from "./option_values.ts";
import { variableNames } from "../option_names.ts";

/** Looks up an environment variable. */
export type Environment = (name: string) => string | undefined;

/** The option values in the environment. An empty variable counts as unset. */
export function readEnvironment(
  fields: AnyOptionFields,
  environment: Environment,
): OptionValues {
  const values = new Map<string, OptionValue>();
  for (const [name, { option, field }] of fieldsByName(fields)) {
    if (values.has(option)) continue;
    const found = lookUp(name, field, environment);
    if (found !== undefined) values.set(option, found);
  }
  return values;
}

function lookUp(
  name: string,
  field: OptionField<unknown>,
  environment: Environment,
): OptionValue | undefined {
  for (const source of variableNames(name)) {
    const value = environment(source);
    if (value === undefined || value === "") continue;
    const isList = field.arity === "many";
    return { raw: isList ? splitValues(value, field) : value, source };
  }
  return undefined;
}

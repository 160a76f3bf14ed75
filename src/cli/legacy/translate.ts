// Translates a configuration of Sauce Connect 4.
import { CLIENT_FIELDS } from "../../config/options/client_config.ts";
import { ConfigError } from "../../config/errors.ts";
import { fieldsByName } from "../../config/field.ts";
import { suggestion } from "../../config/option_names.ts";
import { redacted } from "../../config/redact.ts";
import {
  isEmpty,
  type NewOptions,
  type OldOptions,
  type OldValue,
  OPTION_MAP,
} from "./option_map.ts";

/** The result of a translation. */
export interface Translation {
  /** The new options, in the order of the old ones. */
  readonly options: NewOptions;
  /** The obsolete options, with the reason. */
  readonly dropped: readonly {
    readonly name: string;
    readonly because: string;
  }[];
}

/**
 * Translates a configuration. The result is valid, but required options may be
 * missing.
 *
 * @throws {ConfigError} `unknownName` for an unknown option, `badValue` for an
 * option that needs the user's decision.
 */
export function translate(old: OldOptions): Translation {
  const options: Record<string, string | readonly string[]> = {};
  const dropped: { name: string; because: string }[] = [];
  for (const [name, value] of old) {
    const mapping = OPTION_MAP[name];
    if (mapping === undefined) throw unknown(name);
    if (isEmpty(value)) continue;
    switch (mapping.kind) {
      case "dropped":
        dropped.push({ name, because: mapping.because });
        break;
      case "manual":
        throw new ConfigError(
          "badValue",
          `Cannot translate "${name}": ${mapping.toDo}, and remove it here`,
        );
      case "renamed":
        add({ [mapping.to]: value });
        break;
      case "changed":
        add(mapping.to(value, old));
    }
  }
  resolveConflicts();
  checkValues(options);
  return { options, dropped };

  function resolveConflicts(): void {
    const has = (name: string) => !isEmpty(options[name]);
    if (has("tunnel-domains") && has("direct-domains")) {
      delete options["direct-domains"];
      const because = "tunnel-domains took precedence";
      dropped.push({ name: "direct-domains", because });
    }
    if (has("proxy") && has("pac")) {
      throw new ConfigError(
        "badValue",
        'Cannot translate "proxy" together with "pac": they are mutually ' +
          "exclusive, return the proxy from the script",
      );
    }
  }

  function add(more: NewOptions): void {
    for (const [name, value] of Object.entries(more)) {
      const before = options[name];
      options[name] = name === "auth" && before !== undefined
        ? [before, value].flat()
        : value;
    }
  }
}

function checkValues(options: NewOptions): void {
  const known = fieldsByName({ ...CLIENT_FIELDS });
  for (const [name, value] of Object.entries(options)) {
    const field = known.get(name)?.field;
    if (field === undefined) throw new Error(`No option "${name}"`);
    const raw = field.arity === "many" ? listOf(value) : value;
    const { success, error } = field.schema.safeParse(raw);
    if (success) continue;
    throw new ConfigError(
      "badValue",
      `Cannot use "${redacted(field, raw)}" as ${name}: ${
        error.issues[0]?.message ?? "expected another value"
      }`,
    );
  }
}

function listOf(value: OldValue): readonly string[] {
  return typeof value === "string" ? value.split(",") : value;
}

function unknown(name: string): ConfigError {
  const toDo = suggestion(name, Object.keys(OPTION_MAP), "remove it");
  return new ConfigError(
    "unknownName",
    `Cannot translate "${name}": Sauce Connect 4 has no such option, ${toDo}`,
  );
}

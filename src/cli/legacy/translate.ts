/**
 * A configuration of Sauce Connect 4 as one of today.
 *
 * @module
 */
import { CLIENT_FIELDS } from "../../config/options/client_config.ts";
import { ConfigError } from "../../config/errors.ts";
import { byName } from "../../config/field.ts";
import { suggestion } from "../../config/sources/names.ts";
import { shown } from "../../config/redact.ts";
import {
  FATES,
  isEmpty,
  type NewOptions,
  type OldOptions,
  type OldValue,
} from "./map.ts";

/** What came of a configuration. */
export interface Translation {
  /** In the order of the old ones. */
  readonly options: NewOptions;
  /** What is not needed any more, and why. */
  readonly dropped: readonly {
    readonly name: string;
    readonly because: string;
  }[];
}

/**
 * Translates. What comes out is a valid configuration but for what is missing.
 *
 * @throws {ConfigError} `unknownName` for what never was an option, `badValue`
 * for what only a person can translate.
 */
export function translate(old: OldOptions): Translation {
  const options: Record<string, string | readonly string[]> = {};
  const dropped: { name: string; because: string }[] = [];
  for (const [name, value] of old) {
    const fate = FATES[name];
    if (fate === undefined) throw unknown(name);
    if (isEmpty(value)) continue;
    switch (fate.kind) {
      case "dropped":
        dropped.push({ name, because: fate.because });
        break;
      case "manual":
        throw new ConfigError(
          "badValue",
          `Cannot translate "${name}": ${fate.toDo}, and remove it here`,
        );
      case "renamed":
        add({ [fate.to]: value });
        break;
      case "changed":
        add(fate.to(value, old));
    }
  }
  settleRivals();
  checkValues(options);
  return { options, dropped };

  function settleRivals(): void {
    const has = (name: string) => !isEmpty(options[name]);
    if (has("tunnel-domains") && has("direct-domains")) {
      delete options["direct-domains"];
      const because = "tunnel-domains was stronger";
      dropped.push({ name: "direct-domains", because });
    }
    if (has("proxy") && has("pac")) {
      throw new ConfigError(
        "badValue",
        'Cannot translate "proxy" together with "pac": one of them says how ' +
          "sites are reached, have the script name the proxy",
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
  const known = byName({ ...CLIENT_FIELDS });
  for (const [name, value] of Object.entries(options)) {
    const field = known.get(name)?.field;
    if (field === undefined) throw new Error(`No option "${name}"`);
    const raw = field.takes === "many" ? listOf(value) : value;
    const { success, error } = field.schema.safeParse(raw);
    if (success) continue;
    throw new ConfigError(
      "badValue",
      `Cannot use "${shown(field, raw)}" as ${name}: ${
        error.issues[0]?.message ?? "expected another value"
      }`,
    );
  }
}

function listOf(value: OldValue): readonly string[] {
  return typeof value === "string" ? value.split(",") : value;
}

function unknown(name: string): ConfigError {
  const toDo = suggestion(name, Object.keys(FATES), "remove it");
  return new ConfigError(
    "unknownName",
    `Cannot translate "${name}": Sauce Connect 4 has no such option, ${toDo}`,
  );
}

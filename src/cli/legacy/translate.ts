// Translates a configuration of Sauce Connect 4.
import { CLIENT_FIELDS } from "../../config/options/client_config.ts";
import { ConfigError, Mistakes } from "../../config/errors.ts";
import { fieldsByName, type OptionField } from "../../config/field.ts";
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
  /** The old options by the new ones that they became. */
  readonly origins: Readonly<Record<string, string>>;
}

/** Where an old option is set: `"sc.yaml", line 3`; `undefined` if that is clear. */
export type PlaceOf = (name: string) => string | undefined;

/**
 * Translates a configuration. The result is valid, but required options may be
 * missing.
 *
 * @param placeOf For messages. Default: places are clear.
 * @throws {ConfigError} With a line for each mistake: `unknownName` for an unknown
 * option, `badValue` for an option that needs the user's decision.
 */
export function translate(
  old: OldOptions,
  placeOf: PlaceOf = () => undefined,
): Translation {
  return new Translator(old, placeOf).translate();
}

class Translator {
  readonly #old: OldOptions;
  readonly #placeOf: PlaceOf;
  readonly #options: Record<string, string | readonly string[]> = {};
  readonly #origins: Record<string, string> = {};
  readonly #dropped: { name: string; because: string }[] = [];
  readonly #mistakes = new Mistakes();

  constructor(old: OldOptions, placeOf: PlaceOf) {
    this.#old = old;
    this.#placeOf = placeOf;
  }

  translate(): Translation {
    for (const [name, value] of this.#old) {
      this.#check(name, () => this.#translate(name, value));
    }
    this.#mistakes.attempt(() => this.#resolveConflicts());
    for (const [name, value] of Object.entries(this.#options)) {
      this.#check(this.#origins[name] ?? name, () => checkValue(name, value));
    }
    this.#mistakes.throwIfAny();
    return {
      options: this.#options,
      dropped: this.#dropped,
      origins: this.#origins,
    };
  }

  #check(name: string, work: () => void): void {
    this.#mistakes.attempt(() => at(this.#placeOf(name), work));
  }

  #translate(name: string, value: OldValue): void {
    const mapping = OPTION_MAP[name];
    if (mapping === undefined) throw unknown(name);
    if (isEmpty(value)) return;
    switch (mapping.kind) {
      case "dropped":
        this.#dropped.push({ name, because: mapping.because });
        break;
      case "manual":
        throw new ConfigError(
          "badValue",
          `Cannot translate "${name}": ${mapping.toDo}, and remove it here`,
        );
      case "renamed":
        this.#add(name, { [mapping.to]: value });
        break;
      case "changed":
        this.#add(name, mapping.to(value, this.#old));
    }
  }

  #add(from: string, more: NewOptions): void {
    for (const [name, value] of Object.entries(more)) {
      const before = this.#options[name];
      this.#origins[name] = from;
      this.#options[name] = name === "auth" && before !== undefined
        ? [before, value].flat()
        : value;
    }
  }

  #resolveConflicts(): void {
    const has = (name: string) => !isEmpty(this.#options[name]);
    if (has("tunnel-domains") && has("direct-domains")) {
      delete this.#options["direct-domains"];
      const because = "tunnel-domains took precedence";
      this.#dropped.push({ name: "direct-domains", because });
    }
    if (has("proxy") && has("pac")) {
      throw new ConfigError(
        "badValue",
        'Cannot translate "proxy" together with "pac": they are mutually ' +
          "exclusive, return the proxy from the script",
      );
    }
  }
}

/** Adds the place to a mistake. */
function at(place: string | undefined, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof ConfigError) || place === undefined) throw error;
    throw new ConfigError(error.code, `${error.message} (${place})`);
  }
}

function checkValue(name: string, value: OldValue): void {
  const field = fieldsByName(CLIENT_FIELDS).get(name)?.field;
  if (field === undefined) throw new Error(`No option "${name}"`);
  const raw = rawOf(value, field);
  const { success, error } = field.schema.safeParse(raw);
  if (success) return;
  throw new ConfigError(
    "badValue",
    `Cannot use "${redacted(field, raw)}" as ${name}: ${
      error.issues[0]?.message ?? "expected another value"
    }`,
  );
}

/** A value as the option takes it. */
export function rawOf(
  value: OldValue,
  { arity }: Pick<OptionField<unknown>, "arity">,
): OldValue {
  return arity === "many" ? listOf(value) : value;
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

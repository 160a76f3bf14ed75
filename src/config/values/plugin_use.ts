// An entry of the list of plugins: a path, or a table of what is configured
// about one plugin.
import * as z from "zod";

import {
  PERMISSION_KINDS,
  permissionsFrom,
} from "../../plugin/api/permissions.ts";
import type {
  PluginAllowance,
  PluginUse,
} from "../../plugin/api/plugin_use.ts";
import { readMatch } from "../../plugin/results/match_requests.ts";
import { suggestion } from "../option_names.ts";
import { nearDuration, nearWord } from "./near_miss.ts";
import { durationText, parseDuration } from "./units.ts";
import type { ValueCodec } from "./values.ts";

/** An entry whose plugin is in a file or a package. */
export type ConfiguredUse = PluginUse & { readonly use: string };

/** The keys of an entry. */
const KEYS = [
  "use",
  "name",
  "match",
  "options",
  "allow",
  "timeout",
  "on-failure",
] as const;
type Key = typeof KEYS[number];

const NAME = /^[\w-]{1,64}$/;
const POLICIES = ["fail", "skip"] as const;

/** A plugin: `./slow.ts`, or its table in JSON. */
export function listedPlugin(): ValueCodec<ConfiguredUse> {
  return z.codec(z.string(), z.custom<ConfiguredUse>(), {
    decode: (raw, context) => {
      const entry = new Entry();
      const use = entry.read(raw);
      for (const { path, message } of entry.problems) {
        context.issues.push({ code: "custom", input: raw, path, message });
      }
      return use ?? z.NEVER;
    },
    encode: encodeUse,
  });
}

/** What is wrong in an entry. */
interface Problem {
  readonly path: string[];
  readonly message: string;
}

type Table = Readonly<Record<string, unknown>>;

/** Reads one entry, and notes all that is wrong in it. */
class Entry {
  readonly problems: Problem[] = [];

  read(raw: string): ConfiguredUse | undefined {
    const table = tableOf(raw);
    const isEntry = table !== undefined &&
      (Object.keys(table).length === 0 || KEYS.some((key) => key in table));
    if (!isEntry) {
      return this.#refuse(
        [],
        'expected a path, or a table such as { "use": "./slow.ts" } with ' +
          KEYS.slice(1).join(", "),
      );
    }
    this.#checkKeys([], table, KEYS);
    const at = (key: Key): unknown => table[key] ?? undefined;
    const use = this.#text("use", at("use"), "a path or npm:name");
    if (at("use") === undefined) {
      this.#refuse([], 'it has no "use", add the path of the plugin');
    }
    const read: PluginUse = {
      use: use ?? "",
      name: this.#name(at("name")),
      match: this.#match(at("match")),
      options: at("options"),
      allow: this.#allow(at("allow")),
      timeout: this.#timeout(at("timeout")),
      onFailure: this.#policy(at("on-failure")),
    };
    if (this.problems.length > 0 || use === undefined) return undefined;
    const set = Object.entries(read).filter(([, value]) => value !== undefined);
    return { ...Object.fromEntries(set), use };
  }

  #name(value: unknown): string | undefined {
    const name = this.#text("name", value, "1 to 64 letters, digits, _ and -");
    if (name === undefined || NAME.test(name)) return name;
    return this.#refuse(["name"], "expected 1 to 64 letters, digits, _ and -");
  }

  #match(value: unknown): PluginUse["match"] {
    try {
      return readMatch(value);
    } catch (cause) {
      if (!(cause instanceof TypeError)) throw cause;
      return this.#refuse(["match"], cause.message);
    }
  }

  #allow(value: unknown): PluginUse["allow"] {
    if (value === undefined || value === "trusted") return value;
    if (value === "none") return {};
    if (!isTable(value)) {
      const near = nearWord(String(value), ["trusted", "none"]);
      return this.#refuse(
        ["allow"],
        `expected trusted, none, or a table of net, read, write and env${near}`,
      );
    }
    this.#checkKeys(["allow"], value, PERMISSION_KINDS);
    const allowed: Record<string, readonly string[] | boolean> = {};
    for (const kind of PERMISSION_KINDS) {
      const granted = this.#granted(kind, value[kind] ?? undefined);
      if (granted !== undefined) allowed[kind] = granted;
    }
    return allowed;
  }

  #granted(
    kind: string,
    value: unknown,
  ): readonly string[] | boolean | undefined {
    if (value === undefined || typeof value === "boolean") return value;
    const list = Array.isArray(value) ? value : [value];
    const texts = list.filter((each) =>
      typeof each === "string" && each !== ""
    );
    if (texts.length === list.length && list.length > 0) return texts;
    return this.#refuse(
      ["allow", kind],
      "expected true, or a list of names in quotes",
    );
  }

  #timeout(value: unknown): number | undefined {
    if (value === undefined) return undefined;
    const ms = parseDuration(String(value));
    if (ms !== undefined && ms > 0) return ms;
    return this.#refuse(
      ["timeout"],
      "expected a duration above 0s such as 30s or 1m30s" +
        nearDuration(String(value)),
    );
  }

  #policy(value: unknown): PluginUse["onFailure"] {
    if (value === undefined) return undefined;
    const policy = POLICIES.find((each) => each === value);
    return policy ?? this.#refuse(
      ["on-failure"],
      `expected fail or skip${nearWord(String(value), POLICIES)}`,
    );
  }

  #text(key: Key, value: unknown, expected: string): string | undefined {
    if (value === undefined) return undefined;
    if (typeof value === "string" && value !== "") return value;
    return this.#refuse([key], `expected ${expected}`);
  }

  #checkKeys(
    path: readonly string[],
    table: Table,
    known: readonly string[],
  ): void {
    for (const key of Object.keys(table)) {
      if (known.includes(key)) continue;
      const what = suggestion(key, known, `use ${known.join(", ")}`);
      this.#refuse([...path, key], `no such key, ${what}`);
    }
  }

  #refuse(path: readonly string[], message: string): undefined {
    this.problems.push({ path: [...path], message });
    return undefined;
  }
}

/** The table of an entry; `undefined` if it is not a table. */
function tableOf(raw: string): Table | undefined {
  if (!/^\s*[[{]/.test(raw)) return raw === "" ? undefined : { use: raw };
  try {
    const data: unknown = JSON.parse(raw);
    return isTable(data) ? data : undefined;
  } catch {
    // The reason quotes the text, which may be secret.
    return undefined;
  }
}

function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function encodeUse(
  { use, name, match, options, allow, timeout, onFailure }: ConfiguredUse,
): string {
  const table: Record<Key, unknown> = {
    use,
    name,
    match,
    options,
    allow: allow === undefined ? undefined : allowed(allow),
    timeout: timeout === undefined ? undefined : durationText(timeout),
    "on-failure": onFailure,
  };
  const isPlain = Object.values(table)
    .filter((value) => value !== undefined).length === 1;
  return isPlain && !/^\s*[[{]/.test(use) ? use : JSON.stringify(table);
}

function allowed(allow: "trusted" | PluginAllowance): unknown {
  const permissions = permissionsFrom(allow);
  if (permissions === "trusted") return permissions;
  return Object.fromEntries(
    Object.entries(permissions).filter(([, granted]) => granted !== false),
  );
}

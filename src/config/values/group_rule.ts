// A rule that gives people of a group, at an identity provider, their role here.
import * as z from "zod";

import { suggestion } from "../option_names.ts";
import { nearWord } from "./near_miss.ts";
import type { ValueCodec } from "./values.ts";

/** The group of everybody whom the provider signs in. */
export const EVERYBODY = "*";

/** A role that a group can give. */
export type GroupRole = "admin" | "team-admin" | "member";

/** Roles that people may have. */
export const GROUP_ROLES: readonly GroupRole[] = [
  "admin",
  "team-admin",
  "member",
];

/** What the people of a group are on this server. */
export interface GroupRule {
  /** The group as the provider names it, or {@linkcode EVERYBODY}. */
  readonly group: string;
  /** What they may do. */
  readonly role: GroupRole;
  /** By default the organization of users that were added without one. */
  readonly organization: string | undefined;
  /** The team that they join; `undefined` for none. */
  readonly team: string | undefined;
}

const KEYS = ["group", "role", "team", "org"] as const;
const EXPECTED = "expected group=role or group=role/team, or a table such as " +
  '{ "group": "testers", "role": "member", "team": "web", "org": "acme" }';
/** Names of teams and organizations. */
const PLAIN_NAME = /^(?!\.\.?$)[A-Za-z0-9._-]{1,64}$/;
const NAME_FORM = "expected 1 to 64 letters, digits or . _ -";

/** A rule: `testers=member/web`, or its table in JSON. */
export function groupRule(): ValueCodec<GroupRule> {
  return z.codec(z.string(), z.custom<GroupRule>(), {
    decode: (raw, context) => {
      const problems: Problem[] = [];
      const rule = readRule(raw, problems);
      for (const { path, message } of problems) {
        context.issues.push({ code: "custom", input: raw, path, message });
      }
      return rule ?? z.NEVER;
    },
    encode: ({ group, role, organization, team }) =>
      organization === undefined
        ? `${group}=${role}${team === undefined ? "" : `/${team}`}`
        : JSON.stringify({ group, role, team, org: organization }),
  });
}

/** What is wrong in a rule. */
interface Problem {
  readonly path: string[];
  readonly message: string;
}

function readRule(raw: string, problems: Problem[]): GroupRule | undefined {
  const table = tableOf(raw);
  const refuse = (key: string, message: string) => {
    problems.push({ path: key === "" ? [] : [key], message });
  };
  if (table === undefined) {
    refuse("", EXPECTED);
    return undefined;
  }
  for (const key of Object.keys(table)) {
    if (KEYS.some((each) => each === key)) continue;
    const what = suggestion(key, [...KEYS], `use ${KEYS.join(", ")}`);
    refuse(key, `no such key, ${what}`);
  }
  const { group, role, team, org } = table;
  const known = GROUP_ROLES.find((each) => each === role);
  if (typeof group !== "string" || group === "") {
    refuse("group", "expected the name of a group, or * for everybody");
  }
  if (known === undefined) {
    const near = nearWord(String(role ?? ""), GROUP_ROLES);
    refuse("role", `expected admin, team-admin or member${near}`);
  }
  if (!isPlainName(team ?? "none")) refuse("team", NAME_FORM);
  if (!isPlainName(org ?? "none")) refuse("org", NAME_FORM);
  if (problems.length > 0 || known === undefined) return undefined;
  return {
    group: String(group),
    role: known,
    organization: textOf(org),
    team: textOf(team),
  };
}

function isPlainName(value: unknown): value is string {
  return typeof value === "string" && PLAIN_NAME.test(value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

type Table = Readonly<Record<string, unknown>>;

/** Groups of directories may contain `=`, roles and teams do not. */
function tableOf(raw: string): Table | undefined {
  if (!/^\s*[[{]/.test(raw)) {
    const [, group, role, team] = /^(.+)=([^=/]+)(?:\/([^=/]+))?$/.exec(raw) ??
      [];
    if (group === undefined) return undefined;
    return { group, role, ...team === undefined ? {} : { team } };
  }
  try {
    const data: unknown = JSON.parse(raw);
    return isTable(data) ? data : undefined;
  } catch {
    return undefined;
  }
}

function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

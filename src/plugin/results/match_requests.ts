/* Which requests a plugin gets: compared in the program, before the plugin is called. */
import type { Match } from "../api/match.ts";
import { isObject, valueKindOf } from "./value_kind.ts";

/** What a {@linkcode Match} is compared with. */
export interface MatchSubject {
  /** In lower case, without the port. */
  readonly host: string;
  /** Without the query. */
  readonly path: string;
  readonly method: string;
  readonly job: string | undefined;
}

/** Tells whether a plugin gets a request. */
export type Matcher = (subject: MatchSubject) => boolean;

const PARTS = ["host", "path", "method", "job"] as const;
type Part = typeof PARTS[number];

/** Patterns of one plugin: each is compared with each request. */
const MAX_PATTERNS = 256;
/** Characters of a pattern: as many as a path that people write by hand. */
const MAX_LENGTH = 1_024;
/**
 * Characters of the patterns with `*` and `:name` together. A request may cost
 * so many steps for each character of its path, before any time limit.
 */
const MAX_WILD = 4_096;

/** Stands for any text. */
const ANY = Symbol("any text");
/** Stands for one segment of a path. */
const SEGMENT = Symbol("one segment");

type Token = string | typeof ANY | typeof SEGMENT;

/**
 * Reads the `match` of a plugin; the result has only plain data.
 *
 * @throws {TypeError} With the reason.
 */
export function readMatch(value: unknown): readonly Match[] | undefined {
  if (value === undefined) return undefined;
  const list = Array.isArray(value) ? value : [value];
  if (list.length === 0) {
    throw new TypeError('its "match" is empty, remove it to get all requests');
  }
  const matches = list.map(readOne);
  const patterns = matches.flatMap((match) =>
    PARTS.flatMap((part) => patternsOf(match[part]) ?? [])
  );
  if (patterns.length > MAX_PATTERNS) {
    throw new TypeError(
      `its "match" has ${patterns.length} patterns, use at most ${MAX_PATTERNS}`,
    );
  }
  const wild = patterns.filter((text) => /[*:]/.test(text)).join("").length;
  if (wild > MAX_WILD) {
    throw new TypeError(
      `its "match" has ${wild} characters in patterns with "*" or ":", ` +
        `use at most ${MAX_WILD}`,
    );
  }
  return matches;
}

function readOne(value: unknown): Match {
  if (!isObject(value)) {
    throw new TypeError(
      `its "match" is ${valueKindOf(value)}, use { host, path, method, job }`,
    );
  }
  for (const key of Object.keys(value)) {
    if (PARTS.some((part) => part === key)) continue;
    throw new TypeError(
      `its "match" has an unknown part "${key}", use host, path, method or job`,
    );
  }
  return Object.fromEntries(PARTS.flatMap((part) => {
    const given = value[part];
    return given === undefined ? [] : [[part, readPatterns(part, given)]];
  }));
}

function readPatterns(part: Part, value: unknown): readonly string[] {
  const list = Array.isArray(value) ? value : [value];
  const wrong = list.find((each) => typeof each !== "string");
  if (wrong !== undefined || list.length === 0) {
    const found = list.length === 0 ? "an empty list" : valueKindOf(wrong);
    throw new TypeError(
      `"${part}" of its "match" is ${found}, use a text or a list of texts`,
    );
  }
  for (const text of list) checkPattern(part, text);
  return list;
}

function checkPattern(part: Part, text: string): void {
  const problem = text === ""
    ? "is empty"
    : text.length > MAX_LENGTH
    ? `has more than ${MAX_LENGTH} characters`
    : part === "path" && !/^[/*]/.test(text)
    ? 'does not begin with "/"'
    : part === "host" && /[:/]/.test(text)
    ? "has more than a host name"
    : undefined;
  if (problem === undefined) return;
  throw new TypeError(
    `the ${part} "${text.slice(0, 80)}" of its "match" ${problem}`,
  );
}

/** The function of `matches`; without any it accepts all requests. */
export function matcherOf(matches: readonly Match[] | undefined): Matcher {
  if (matches === undefined) return () => true;
  const all = matches.map(compile);
  const [only] = all;
  if (only !== undefined && all.length === 1) return only;
  return (subject) => all.some((accepts) => accepts(subject));
}

/** Tells whether a plugin may get requests to a host. */
export type HostMatcher = (
  subject: Pick<MatchSubject, "host" | "job">,
) => boolean;

/** Tells whether requests to a host may be accepted: path and method are not known yet. */
export function hostMatcherOf(
  matches: readonly Match[] | undefined,
): HostMatcher {
  const matcher = matcherOf(
    matches?.map(({ host, job }) => ({
      ...host !== undefined && { host },
      ...job !== undefined && { job },
    })),
  );
  return ({ host, job }) => matcher({ host, job, path: "", method: "" });
}

/**
 * The hosts, in lower case, that all requests of `matches` are to; `undefined`
 * where a pattern or a missing host leaves that open.
 */
export function exactHostsOf(
  matches: readonly Match[] | undefined,
): readonly string[] | undefined {
  const lists = matches?.map(({ host }) => patternsOf(host));
  if (lists === undefined || lists.includes(undefined)) return undefined;
  const hosts = lists.flatMap((list) => list ?? []);
  if (hosts.some((host) => host.includes("*"))) return undefined;
  return hosts.map((host) => host.toLowerCase());
}

function compile(match: Match): Matcher {
  const tests = PARTS.flatMap((part) => {
    const patterns = patternsOf(match[part]);
    if (patterns === undefined) return [];
    const accepted = patterns.map((text) =>
      compilePattern(part === "host" ? text.toLowerCase() : text, part)
    );
    return [{ part, accepted }];
  });
  // A plugin is compared with each request: loops, without a function for each.
  return (subject) => {
    for (const { part, accepted } of tests) {
      const text = subject[part];
      if (text === undefined || !isAccepted(text, accepted)) return false;
    }
    return true;
  };
}

/** A text without `*` and `:name` is compared as a whole. */
type Pattern = string | readonly Token[];

function compilePattern(text: string, part: Part): Pattern {
  const tokens = tokensOf(text, part);
  const [only] = tokens;
  return tokens.length === 1 && typeof only === "string" ? only : tokens;
}

function isAccepted(text: string, patterns: readonly Pattern[]): boolean {
  for (const pattern of patterns) {
    const isFit = typeof pattern === "string"
      ? text === pattern
      : fits(text, pattern);
    if (isFit) return true;
  }
  return false;
}

function patternsOf(
  value: string | readonly string[] | undefined,
): readonly string[] | undefined {
  return typeof value === "string" ? [value] : value;
}

function tokensOf(pattern: string, part: Part): readonly Token[] {
  const parts = part === "path"
    ? pattern.split(/(\*|(?<=\/):\w+(?=\/|$))/)
    : pattern.split(/(\*)/);
  return parts.filter((text) => text !== "").map((text) =>
    text === "*" ? ANY : part === "path" && /^:\w+$/.test(text) ? SEGMENT : text
  );
}

/**
 * Whether `text` fits the tokens. After a failure it goes on behind the last
 * `*` only: an earlier one cannot help. So the work is at most the product of
 * both lengths, whatever the pattern is.
 */
function fits(text: string, tokens: readonly Token[]): boolean {
  let at = 0;
  let index = 0;
  let retryIndex = -1;
  let retryAt = 0;
  for (;;) {
    const token = tokens[index];
    if (token === undefined && at === text.length) return true;
    if (token === ANY) {
      index += 1;
      retryIndex = index;
      retryAt = at;
      continue;
    }
    const end = token === undefined ? -1 : endOf(text, at, token);
    if (end >= 0) {
      at = end;
      index += 1;
      continue;
    }
    if (retryIndex < 0 || retryAt >= text.length) return false;
    retryAt += 1;
    at = retryAt;
    index = retryIndex;
  }
}

/** Where a token that begins at `at` ends, or -1. */
function endOf(text: string, at: number, token: Token): number {
  if (typeof token === "string") {
    return text.startsWith(token, at) ? at + token.length : -1;
  }
  const slash = text.indexOf("/", at);
  const end = slash < 0 ? text.length : slash;
  return end > at ? end : -1;
}

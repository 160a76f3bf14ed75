/*
 * Which plugins are called for a request. Most plugins name the hosts of their
 * requests: those are found by the host, however many plugins there are.
 */
import type { ReadableRequest } from "../results/change_request.ts";
import type { MatchSubject } from "../results/match_requests.ts";
import type { SupervisedPlugin } from "./supervised_plugin.ts";

type Plugins = readonly SupervisedPlugin[];

const NONE: Plugins = [];

/** The plugins of a set that have hooks for requests, in order. */
export class MatchingPlugins {
  /** Those that may get requests to a host that no plugin names. */
  readonly #others: Plugins;
  /** By the hosts that plugins name. */
  readonly #byHost: ReadonlyMap<string, Plugins>;

  constructor(plugins: Plugins) {
    const named = plugins.map((plugin) => ({
      plugin,
      hosts: plugin.hosts && new Set(plugin.hosts),
    }));
    const having = (host?: string): Plugins =>
      named.filter(({ hosts }) =>
        hosts === undefined || host !== undefined && hosts.has(host)
      ).map(({ plugin }) => plugin);
    const hosts = new Set(named.flatMap(({ hosts }) => [...hosts ?? NO_HOSTS]));
    this.#others = having();
    this.#byHost = new Map(Array.from(hosts, (host) => [host, having(host)]));
  }

  /** Those that a request is for, in order. */
  of(
    { authority, path, method }: ReadableRequest,
    job: string | undefined,
  ): Plugins {
    const host = hostOf(authority);
    const found = this.#byHost.get(host) ?? this.#others;
    if (found.length === 0) return NONE;
    const subject = { host, path: withoutQuery(path), method, job };
    return accepting(found, subject);
  }
}

const NO_HOSTS: readonly string[] = [];

function accepting(plugins: Plugins, subject: MatchSubject): Plugins {
  const accepted = plugins.filter(({ matches }) => matches(subject));
  return accepted.length === 0 ? NONE : accepted;
}

/** In lower case, without the port. */
function hostOf(authority: string): string {
  let end = authority.length;
  while (end > 0 && isDigit(authority.charCodeAt(end - 1))) end -= 1;
  const hasPort = authority[end - 1] === ":";
  return (hasPort ? authority.slice(0, end - 1) : authority).toLowerCase();
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function withoutQuery(path: string): string {
  const query = path.indexOf("?");
  return query < 0 ? path : path.slice(0, query);
}

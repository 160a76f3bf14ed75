/**
 * Names by DNS servers that the user chose, in place of the system's.
 *
 * Nothing is cached. The servers are near and have caches, connections are used
 * for many requests, and a test of a changed system needs the new address.
 */
import { timer } from "../../async/timer.ts";
import {
  type Address,
  canonicalName,
  formatAddress,
} from "../address/address.ts";
import { DialError } from "../dial_error.ts";
import {
  askDnsServer,
  ClosedPortError,
  type WholeReply,
} from "./dns_exchange.ts";
import { type DnsQuery, type DnsType, isDnsName } from "./dns_message.ts";
import { DnsServers, type TurnOptions } from "./dns_servers.ts";
import { MAX_ADDRESSES, type Resolver } from "./resolver.ts";

/** Options of {@linkcode dnsResolver}. */
export interface DnsOptions extends TurnOptions {
  /** IP addresses and ports, the first choice first. */
  readonly servers: readonly Address[];
  /** How long all of them together may take for one name, in milliseconds. */
  readonly timeout?: number;
  /** Asks one server. Default: over the network. */
  readonly exchange?: typeof askDnsServer;
}

/** IPv6 is tried first (RFC 8305 §4). */
const TYPES: readonly DnsType[] = ["AAAA", "A"];

/**
 * When one family has addresses, how long to wait for the other, in
 * milliseconds. Some servers never respond for one of them. Longer than the 50
 * ms of RFC 8305 §3, for distant servers.
 */
const OTHER_FAMILY = 250;

/** Aliases that are followed with a new query; more are a loop. */
const MAX_QUESTIONS = 8;

/**
 * Queries the servers in order until one responds. NXDOMAIN is final: it gives
 * `undefined`.
 *
 * Each server has an equal share of the remaining time: when the first is dead,
 * the second is queried within `timeout`.
 *
 * @throws {DialError} `nameServerFailed` from the resolver, when no server responds.
 */
export function dnsResolver(
  { servers, timeout = 5_000, exchange = askDnsServer, ...turns }: DnsOptions,
): Resolver {
  const order = new DnsServers(servers, turns);
  return async function resolveByDns(hostname, signal) {
    const name = canonicalName(hostname);
    if (!isDnsName(name)) return undefined;
    const end = performance.now() + timeout;
    const failures: string[] = [];
    const asked = order.next();
    for (const [at, server] of asked.entries()) {
      const share = (end - performance.now()) / (asked.length - at);
      const answer = await askBoth(name, {
        ...{ server, share, signal, exchange },
      });
      if (answer.kind === "silent") order.wasSilent(server);
      else order.hasAnswered(server);
      if (answer.kind === "addresses") return answer.addresses;
      if (answer.kind === "noSuchName") return undefined;
      failures.push(`${formatAddress(server)}: ${reasonOf(answer)}`);
    }
    throw new DialError(
      "nameServerFailed",
      `Cannot find "${hostname}": no DNS server responded ` +
        `(${failures.join("; ")})`,
    );
  };
}

/** What came of asking for a name, or for one type of its records. */
type Answer =
  | Exclude<WholeReply, { readonly kind: "alias" }>
  | { readonly kind: "silent" };

function reasonOf(
  answer: Extract<Answer, { kind: "failed" | "silent" }>,
): string {
  return answer.kind === "failed" ? answer.reason : "no response in time";
}

/** Asks a server for both families at once. */
async function askBoth(
  name: string,
  { server, share, signal, exchange }: {
    readonly server: Address;
    readonly share: number;
    readonly signal: AbortSignal;
    readonly exchange: typeof askDnsServer;
  },
): Promise<Answer> {
  const late = new AbortController();
  using limits = new DisposableStack();
  limits.use(timer(share, () => late.abort()));
  const either = AbortSignal.any([signal, late.signal]);
  const answers = await Promise.all(TYPES.map(async (type) => {
    const answer = await ask((query) => exchange(server, query, either), {
      ...{ name, type, signal: either },
    });
    if (answer.kind === "addresses" && answer.addresses.length > 0) {
      limits.use(timer(OTHER_FAMILY, () => late.abort()));
    }
    return answer;
  }));
  signal.throwIfAborted();
  return both(answers);
}

/**
 * Addresses of one family are enough, whatever happened to the other:
 * there are servers that fail for AAAA alone (RFC 4074).
 */
function both(answers: readonly Answer[]): Answer {
  const found = answers.map((answer) =>
    answer.kind === "addresses" ? answer.addresses : []
  );
  const addresses = interleave(found).slice(0, MAX_ADDRESSES);
  if (addresses.length > 0) return { kind: "addresses", addresses };
  const failure = answers.find(({ kind }) => kind === "failed") ??
    answers.find(({ kind }) => kind === "silent");
  return failure ?? { kind: "noSuchName" };
}

/** The first of each list, the second of each, and so on (RFC 8305 §4). */
function interleave(lists: readonly (readonly string[])[]): string[] {
  const longest = Math.max(...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, at) => at)
    .flatMap((at) => lists.flatMap((list) => list.slice(at, at + 1)));
}

/** Asks for one type of records, and on for what the name is an alias of. */
async function ask(
  exchange: (query: DnsQuery) => Promise<WholeReply>,
  { name, type, signal }: {
    readonly name: string;
    readonly type: DnsType;
    readonly signal: AbortSignal;
  },
): Promise<Answer> {
  let asked = name;
  for (let questions = 0; questions < MAX_QUESTIONS; questions++) {
    let reply: WholeReply;
    try {
      const [id = 0] = crypto.getRandomValues(new Uint16Array(1));
      reply = await exchange({ id, name: asked, type });
    } catch (cause) {
      if (signal.aborted || cause instanceof ClosedPortError) {
        return { kind: "silent" };
      }
      const reason = cause instanceof Error ? cause.message : String(cause);
      return { kind: "failed", reason };
    }
    if (reply.kind !== "alias") return reply;
    if (!isDnsName(reply.name)) break;
    asked = reply.name;
  }
  return { kind: "failed", reason: "its aliases lead nowhere" };
}

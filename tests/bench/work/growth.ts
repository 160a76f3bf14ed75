/**
 * What a request costs as the system grows: a tunnel alone beside the same
 * with many tunnels, users, rules, sessions or plugins around it.
 *
 * @module
 */
import { sallyport, type SallyportPeer } from "../peers/sallyport.ts";
import type { Workload } from "../workload.ts";
import { requests } from "./requests.ts";

/** Enough to fill a core, few enough that nothing waits for another. */
const WORKERS = 8;

const PASSING = `export default {
  request({ headers }) { headers.set("X-Test-Run", "nightly"); },
};`;

/** What grows, its sizes, and the ends of each size. The first is what the others are compared with. */
const GROWING: Readonly<
  Record<
    string,
    Readonly<Record<string, Omit<SallyportPeer, "name" | "about">>>
  >
> = {
  tunnels: {
    "1 tunnel": {},
    "100 tunnels": { tunnels: 100 },
    "1000 tunnels": { tunnels: 1000 },
  },
  users: {
    "10 users": { users: 10 },
    // Each key of the option costs a hash at the start.
    "100 users": { users: 100 },
  },
  rules: {
    "0 rules": {},
    "10 rules": { flags: [rules(10)] },
    "1000 rules": { flags: [rules(1000)] },
  },
  sessions: {
    "1 session": { flags: ["--tunnel-connections=1"] },
    "4 sessions": { flags: ["--tunnel-connections=4"] },
    "16 sessions": { flags: ["--tunnel-connections=16"] },
  },
  sandboxed: {
    "0 plugins": {},
    "1 plugin": { plugins: passing(1) },
    "5 plugins": { plugins: passing(5) },
  },
  inspector: {
    "inspector off": {},
    "inspector on": { flags: ["--inspector", "--api-address=127.0.0.1:0"] },
  },
};

/** A workload for each of them. */
export const GROWTH: readonly Workload[] = Object.entries(GROWING).map((
  [what, sizes],
) =>
  requests(WORKERS, {
    name: `growth-${what}`,
    about: `plain HTTP, ${WORKERS} connections, as ${what} grow`,
    way: "plain",
    peers: Object.entries(sizes).map(([name, ends]) =>
      sallyport({ name, about: `the tunnel with ${name}`, ...ends })
    ),
  })
);

function rules(count: number): string {
  const hosts = Array.from(
    { length: count },
    (_, at) => `^host${at}\\.example$`,
  );
  return `--deny-domains=${hosts.join(",")}`;
}

function passing(count: number): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, at) => [`passing_${at}.js`, PASSING]),
  );
}

/**
 * Who may use which tunnel, said once more and differently: the judge of
 * `isolation.ts`.
 *
 * @module
 */

/** A tunnel as the judge sees it. */
export interface FakeTunnel {
  readonly id: string;
  readonly owner: string;
  readonly name: string;
  readonly shared: boolean;
  readonly wantsPort: boolean;
  /** Its proxy password. */
  readonly password: string;
  /** Where browsers need no credentials, if it has such a port. */
  readonly port: number | undefined;
  /** Whether its client is there. */
  readonly isConnected: boolean;
}

/** A browser that asks, with credentials or at a port that needs none. */
export type Ask =
  | {
    readonly kind: "login";
    readonly user: string;
    /** What follows `user+`. */
    readonly text: string;
    readonly password: string;
  }
  | {
    readonly kind: "port";
    readonly port: number;
    /** Whose port it is. */
    readonly owner: string;
    readonly name: string;
  };

/** The access keys of the users. */
export const KEYS: ReadonlyMap<string, string> = new Map([
  ["demo", "demo-key-123456"],
  ["ann", "ann-key-123456"],
  ["bob", "bob-key-123456"],
]);

/**
 * Whether it would be right in any world that this tunnel responds: of all that
 * were ever made, whatever has become of them.
 */
export function mayAnswer(
  tunnel: FakeTunnel,
  ask: Ask,
  all: ReadonlyMap<string, FakeTunnel>,
): boolean {
  const { owner, name, shared, wantsPort } = tunnel;
  if (ask.kind === "port") {
    return wantsPort && owner === ask.owner && name === ask.name;
  }
  const isOwn = owner === ask.user && readingsOf(ask.text).includes(name);
  if (KEYS.get(ask.user) !== ask.password) {
    const opened = [...all.values()].find(({ password }) =>
      password === ask.password
    );
    return isOwn && opened?.owner === owner && opened.name === name;
  }
  const isMeant = readingsOf(ask.text).some((text) => isCalled(tunnel, text));
  return isOwn || shared && isMeant;
}

/** The tunnels of `live` that must respond; none when all must refuse. */
export function usable(
  ask: Ask,
  live: readonly FakeTunnel[],
): readonly FakeTunnel[] {
  if (ask.kind === "port") {
    return live.filter(({ owner, name, wantsPort }) =>
      wantsPort && owner === ask.owner && name === ask.name
    );
  }
  const { user, text, password } = ask;
  const meant = readingsOf(text).map((name) => called(name, user, live))
    .find((tunnels) => tunnels.length > 0) ?? [];
  if (KEYS.get(user) === password) return meant;
  // It opens a tunnel by its own name, not by that which others call it.
  const isOpened = meant.some((tunnel) =>
    tunnel.owner === user && tunnel.password === password &&
    readingsOf(text).includes(tunnel.name)
  );
  return isOpened ? meant : [];
}

/** One's own of that name come first; those of others only where just one is left. */
function called(
  name: string,
  user: string,
  live: readonly FakeTunnel[],
): readonly FakeTunnel[] {
  const own = live.filter((each) => each.owner === user && each.name === name);
  if (own.length > 0) return own;
  const shared = live.filter((each) => each.shared && isCalled(each, name));
  return new Set(shared.map(({ owner }) => owner)).size === 1 ? shared : [];
}

/** Others call a tunnel by its owner and its name, or by its name alone where that does not look like the former. */
function isCalled(
  { owner, name }: Pick<FakeTunnel, "owner" | "name">,
  text: string,
): boolean {
  const [user = "", rest] = text.split(/\+(.*)/s);
  return rest !== undefined && KEYS.has(user)
    ? user === owner && rest === name
    : text === name;
}

/** What stands behind the user may be a name, or a name and a job. */
function readingsOf(text: string): readonly string[] {
  return [text, text.replace(/;job=[^;]*$/, "")];
}

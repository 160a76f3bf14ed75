// What a login adds to the options that are set: the weakest source of all.
import type { CollectedOptions } from "./load.ts";
import type { KeptLogin, Logins, NamedLogin } from "./logins.ts";
import type { OptionValue, OptionValues } from "./sources/option_values.ts";
import { httpsOrigin } from "./values/values.ts";

/**
 * Adds server, user and key of a login where they are not set: of the login in
 * use, or of the one for the server that is set. A key goes to no other server
 * and to no other user than its own.
 *
 * @param logins `undefined` when the user can have none.
 */
export async function withLogin(
  collected: CollectedOptions,
  logins: Logins | undefined,
): Promise<CollectedOptions> {
  const { values, mistakes } = collected;
  const isComplete = ["server", "username", "access-key"]
    .every((name) => values.has(name));
  if (isComplete || logins === undefined) return collected;
  const all = await mistakes.attemptLater(logins.list()) ?? [];
  const chosen = chooseLogin(all, values);
  if (chosen === undefined) return collected;
  const { name, login } = chosen;
  const added = valuesOf(login, `login "${name}"`);
  if (!mayUseKey(login, values)) added.delete("access-key");
  return { ...collected, values: new Map([...added, ...values]) };
}

function chooseLogin(
  all: readonly NamedLogin[],
  values: OptionValues,
): NamedLogin | undefined {
  const server = values.get("server");
  if (server === undefined) return all.find(({ isCurrent }) => isCurrent);
  const { data: origin } = httpsOrigin().safeParse(server.raw);
  const user = values.get("username")?.raw;
  const there = all.filter(({ login }) =>
    login.server === origin && (user === undefined || login.username === user)
  );
  return there.find(({ isCurrent }) => isCurrent) ?? there[0];
}

/** The key is that of this user. A server that is set is that of the login. */
function mayUseKey({ username }: KeptLogin, values: OptionValues): boolean {
  const user = values.get("username")?.raw;
  return user === undefined || user === username;
}

function valuesOf(
  { server, username, accessKey }: KeptLogin,
  source: string,
): Map<string, OptionValue> {
  return new Map([
    ["server", { raw: server, source }],
    ["username", { raw: username, source }],
    ["access-key", { raw: accessKey, source }],
  ]);
}

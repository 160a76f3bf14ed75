/**
 * A directory of keys that people have chosen.
 *
 * @module
 */
import type { VerifiedKey } from "../../src/server/accounts/accounts.ts";
import type { KeySource } from "../../src/server/accounts/login_guard.ts";

/** Looks keys up with `verify`, which is the slow work; nothing is remembered. */
export function chosenKeys(
  verify: (
    name: string,
    key: string,
  ) => VerifiedKey | undefined | Promise<VerifiedKey | undefined>,
): KeySource {
  return {
    lookUp: (name, key) => ({
      isGenerated: false,
      cached: () => undefined,
      verify: async () => await verify(name, key),
      expired: () => undefined,
    }),
  };
}

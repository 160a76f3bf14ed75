/**
 * The parts of this program, for its commands.
 *
 * @module
 */
import { openAccounts } from "../server/accounts.ts";
import type { Parts } from "./parts.ts";

/** The parts that the commands start. */
export const PARTS: Parts = {
  startClient: () => Promise.reject(new Error("Cannot start: no client yet")),
  startServer: () => Promise.reject(new Error("Cannot start: no server yet")),
  openAccounts,
};

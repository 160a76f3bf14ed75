/**
 * The parts of this program, for its commands.
 *
 * @module
 */
import { startClient } from "../client/client.ts";
import { openAccounts } from "../server/accounts/accounts.ts";
import { startServer } from "../server/server.ts";
import type { Parts } from "./parts.ts";

/** The parts that the commands start. */
export const PARTS: Parts = { startClient, startServer, openAccounts };

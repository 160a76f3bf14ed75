/**
 * The client's options about when its proxy may be used, and from where besides
 * the tunnel.
 *
 * @module
 */
import * as z from "zod";

import {
  formatTimeFrame,
  parseTimeFrame,
  type TimeFrame,
} from "../../async/time_frame.ts";
import {
  type Address,
  isLocalhostName,
  kindOf,
  reachableAddress,
} from "../../net/address/address.ts";
import { field, type Fields } from "../field.ts";
import { listenAddress, many, type One, refuse } from "../values/values.ts";

/** When and from where the client's proxy may be used. */
export interface AccessConfig {
  readonly allowTimeFrame: readonly TimeFrame[];
  readonly debugAddress: Address | undefined;
}

/** Declares the options of `AccessConfig`. */
export const ACCESS_FIELDS: Fields<AccessConfig> = {
  allowTimeFrame: field(many(timeFrame()), {
    section: "Proxy",
    placeholder: "day/from-to,...",
    defaultText: "always",
    help: "When requests may begin, in whole hours of this machine's clock: " +
      "mon/9-17 is Monday from 9:00 to 16:59. At other times they are " +
      "refused with 451; what is under way goes on.",
  }),
  debugAddress: field(
    listenAddress().refine(
      isOnlyHere,
      "expected an address of this machine such as 127.0.0.1:8080: " +
        "whoever reaches it needs no credentials",
    ).optional(),
    {
      section: "Proxy",
      placeholder: "host:port",
      defaultText: "not started",
      help: "Where the client's proxy can be used on this machine, without " +
        "the tunnel, to see what browsers would get: curl -x host:port.",
    },
  ),
};

/** Whether only this machine reaches what listens there. `kindOf` is about dialling, where 0.0.0.0 is this machine too. */
export function isOnlyHere({ hostname }: Address): boolean {
  const isEverywhere = reachableAddress({ hostname, port: 0 }).hostname !==
    hostname;
  if (isEverywhere) return false;
  return isLocalhostName(hostname) || kindOf(hostname) === "loopback";
}

/** Hours of a day of the week. */
function timeFrame(): One<TimeFrame> {
  return z.codec(z.string(), z.custom<TimeFrame>(), {
    decode: (words, context) => {
      try {
        return parseTimeFrame(words);
      } catch (cause) {
        if (!(cause instanceof SyntaxError)) throw cause;
        const why = cause.message.replace(/^Cannot read .*?": /, "");
        return refuse(context, words, why);
      }
    },
    encode: formatTimeFrame,
  });
}

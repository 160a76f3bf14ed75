/**
 * The server's options about what it reaches itself.
 *
 * @module
 */
import * as z from "zod";
import { field, type Fields } from "../field.ts";
import { choice, type One, refuse } from "../values/values.ts";

/** Ports that may be reached, or all. */
export type DirectPorts = readonly number[] | "all";

/** What the server reaches itself. */
export interface DirectConfig {
  readonly direct: "none" | "public" | "all";
  /** What goes with `direct` unless given. */
  readonly directPorts: DirectPorts | undefined;
}

/** More is "all". */
const MAX_PORTS = 100;

/** Declares the options of `DirectConfig`. */
export const DIRECT_FIELDS: Fields<DirectConfig> = {
  direct: field(choice("none", "public", "all").default("public"), {
    section: "Options",
    placeholder: "none|public|all",
    help: "What the server reaches itself for tunnels with --direct-domains " +
      "or --tunnel-domains: nothing, public addresses that are not its own, " +
      "or all that it can, its own network and machine too.",
  }),
  directPorts: field(directPorts().optional(), {
    section: "Options",
    placeholder: "port,...",
    defaultText: '80,443; all with "--direct all"',
    // One word: what lists are made of would be text.
    isWhole: true,
    help: 'The ports of sites that it reaches so, or "all".',
  }),
};

function directPorts(): One<DirectPorts> {
  return z.codec(z.string(), z.custom<DirectPorts>(), {
    decode: (words, context) => {
      if (words === "all") return words;
      const ports = words.split(",").map((word) =>
        /^\d{1,5}$/.test(word) ? Number(word) : 0
      );
      const isList = ports.length <= MAX_PORTS &&
        ports.every((port) => port > 0 && port <= 65_535);
      if (isList) return ports;
      return refuse(context, words, 'expected ports such as 80,443, or "all"');
    },
    encode: (ports) => ports === "all" ? ports : ports.join(","),
  });
}

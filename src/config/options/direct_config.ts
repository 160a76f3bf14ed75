// The server's options about what it reaches directly.
import * as z from "zod";
import { field, type OptionFields } from "../field.ts";
import { choice, refuse, type ValueCodec } from "../values/values.ts";

/** Ports that the server may connect to, or all. */
export type DirectPorts = readonly number[] | "all";

/** What the server reaches directly, without a tunnel. */
export interface DirectConfig {
  readonly direct: "none" | "public" | "all";
  /** If it is unset, it follows from `direct`. */
  readonly directPorts: DirectPorts | undefined;
}

/** A longer list should be "all". */
const MAX_PORTS = 100;

/** Declares the options of `DirectConfig`. */
export const DIRECT_FIELDS: OptionFields<DirectConfig> = {
  direct: field(choice("none", "public", "all").default("public"), {
    section: "Options",
    placeholder: "none|public|all",
    summary: "What the server may reach directly",
    help: "What the server may reach directly, for tunnels with " +
      "--direct-domains or --tunnel-domains. public means public addresses " +
      "that are not its own. all includes its own network and machine.",
  }),
  directPorts: field(directPorts().optional(), {
    section: "Options",
    placeholder: "port,...",
    defaultText: '80,443; all with "--direct all"',
    // The value is one text: items of a list could not be "all" or numbers.
    noSplit: true,
    summary: "Ports of sites that it may reach directly",
    help: 'Ports of sites that the server may reach directly, or "all".',
  }),
};

function directPorts(): ValueCodec<DirectPorts> {
  return z.codec(z.string(), z.custom<DirectPorts>(), {
    decode: (raw, context) => {
      if (raw === "all") return raw;
      const ports = raw.split(",").map((word) =>
        /^\d{1,5}$/.test(word) ? Number(word) : 0
      );
      const isList = ports.length <= MAX_PORTS &&
        ports.every((port) => port > 0 && port <= 65_535);
      if (isList) return ports;
      return refuse(context, raw, 'expected ports such as 80,443, or "all"');
    },
    encode: (ports) => ports === "all" ? ports : ports.join(","),
  });
}

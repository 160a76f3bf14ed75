// The server's options about what it reaches directly.
import { fieldsIn } from "../field.ts";
import { choice, codec } from "../values/values.ts";

const field = fieldsIn("Options");

/** Ports that the server may connect to, or all. */
type DirectPorts = readonly number[] | "all";

/** A longer list should be "all". */
const MAX_PORTS = 100;

/** What the server reaches directly, without a tunnel. */
export const DIRECT_FIELDS = {
  direct: field(choice("none", "public", "all").default("public"), {
    placeholder: "none|public|all",
    summary: "What the server may reach directly",
    help: "What the server may reach directly, for tunnels with " +
      "--direct-domains or --tunnel-domains. public means public addresses " +
      "that are not its own. all includes its own network and machine.",
  }),
  directPorts: field(
    codec(parsePorts, String, 'expected ports such as 80,443, or "all"')
      .optional(),
    {
      placeholder: "port,...",
      defaultText: '80,443; all with "--direct all"',
      // The value is one text: items of a list could not be "all" or numbers.
      noSplit: true,
      summary: "Ports of sites that it may reach directly",
      help: 'Ports of sites that the server may reach directly, or "all".',
    },
  ),
};

function parsePorts(raw: string): DirectPorts | undefined {
  if (raw === "all") return raw;
  const ports = raw.split(",").map((word) =>
    /^\d{1,5}$/.test(word) ? Number(word) : 0
  );
  const isList = ports.length <= MAX_PORTS &&
    ports.every((port) => port > 0 && port <= 65_535);
  return isList ? ports : undefined;
}

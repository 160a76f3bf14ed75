// `sallyport status`: how a tunnel in the background is.
import { collectOptions, validateOptions } from "../../config/load.ts";
import { visible } from "../../log/visible.ts";
import { type Command, unexpectedArgument } from "../command.ts";
import { type LiveTunnel, liveTunnels } from "../detached/control_client.ts";
import { EXIT } from "../exit_code.ts";
import { JSON_FIELD, jsonText } from "../table.ts";
import { asJson, chosenTunnels, tunnelsOf } from "./local_tunnels.ts";

/** The command `status`. */
export const STATUS_COMMAND: Command = {
  name: "status",
  summary: "Show how a tunnel in the background is",
  usage: ["status [name] [--json]"],
  description: "Shows state, traffic and last error of a tunnel that " +
    '"sallyport run --detach" has started. The name may be left out when ' +
    "there is only one.",
  fields: JSON_FIELD,
  async run(args, context) {
    const { values, positionals: [name, extra] } = await collectOptions(
      JSON_FIELD,
      { args, environment: context.environment },
    );
    if (extra !== undefined) throw unexpectedArgument(extra);
    const { json } = validateOptions(JSON_FIELD, values);
    const live = await liveTunnels(tunnelsOf(context));
    const chosen = chosenTunnels(live, name, "show");
    const [first, ...others] = chosen.map(asJson);
    context.print(
      json
        ? jsonText(others.length === 0 ? first : [first, ...others])
        : chosen.map(textOf).join("\n"),
    );
    return EXIT.done;
  },
};

function textOf({ record, status }: LiveTunnel): string {
  const { roundTripTime: rtt } = status;
  const lines: readonly (readonly [string, string | undefined])[] = [
    ["tunnel", record.name],
    ["id", record.id],
    ["state", `${status.state} since ${status.stateSince}`],
    ["server", record.server],
    ["proxy", record.proxy],
    ["sessions", String(status.sessions)],
    ["round trip", rtt === undefined ? undefined : `${rtt.toFixed(1)} ms`],
    ["requests", `${status.answered} answered, ${status.underWay} running`],
    ["last error", status.lastError],
    ...status.failingPlugins.map((each) => ["plugin fails", each] as const),
    ["status API", status.apiUrl],
    ["log", record.log],
    ["process", String(record.pid)],
  ];
  return lines.flatMap(([name, text]) =>
    text === undefined ? [] : [`${name.padEnd(14)}${visible(text)}\n`]
  ).join("");
}

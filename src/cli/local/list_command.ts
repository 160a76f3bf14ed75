// `sallyport list`: the tunnels of this user that run in the background.
import { collectOptions, validateOptions } from "../../config/load.ts";
import { type Command, onlyArgument } from "../command.ts";
import { liveTunnels } from "../detached/control_client.ts";
import { EXIT } from "../exit_code.ts";
import { JSON_FIELD, jsonText, textTable } from "../table.ts";
import { asJson, tunnelsOf } from "./local_tunnels.ts";

const COLUMNS = ["name", "state", "since", "server", "proxy", "process"];

/** The command `list`. */
export const LIST_COMMAND: Command = {
  name: "list",
  summary: "List tunnels that run in the background",
  usage: ["list [--json]"],
  description: 'Lists the tunnels of this user that "sallyport run --detach" ' +
    "has started on this machine.",
  fields: JSON_FIELD,
  async run(args, context) {
    const { values, positionals } = await collectOptions(JSON_FIELD, {
      args,
      environment: context.environment,
    });
    onlyArgument(positionals, []);
    const { json } = validateOptions(JSON_FIELD, values);
    const live = await liveTunnels(tunnelsOf(context));
    context.print(
      json ? jsonText(live.map(asJson)) : textTable(
        COLUMNS,
        live.map(({ record, status }) => [
          record.name,
          status.state,
          status.stateSince.slice(0, 19) + "Z",
          record.server,
          record.proxy,
          String(record.pid),
        ]),
      ),
    );
    return EXIT.done;
  },
};

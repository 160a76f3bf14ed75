// `sallyport stop`: ends tunnels in the background.
import { sleep } from "../../async/timer.ts";
import { fieldsIn } from "../../config/field.ts";
import { collectOptions, validateOptions } from "../../config/load.ts";
import { duration, onOff } from "../../config/values/values.ts";
import { type Command, unexpectedArgument } from "../command.ts";
import type { Context } from "../context.ts";
import {
  askToStop,
  type LiveTunnel,
  liveTunnels,
  statusOf,
} from "../detached/control_client.ts";
import { EXIT } from "../exit_code.ts";
import { JSON_FIELD, jsonText } from "../table.ts";
import { chosenTunnels, tunnelsOf } from "./local_tunnels.ts";

const field = fieldsIn("Options", { inFile: false });

const FIELDS = {
  all: field(onOff(), { summary: "Stop all of them" }),
  timeout: field(duration().optional(), {
    placeholder: "duration",
    defaultText: "the tunnel's --shutdown-timeout",
    summary: "How long to wait for running jobs",
    help: "How long to wait for running jobs. 0s ends them, also of a tunnel " +
      "that is already stopping.",
  }),
  ...JSON_FIELD,
};

/** The time between two looks whether a tunnel has ended, in milliseconds. */
const INTERVAL = 100;

/** The command `stop`. */
export const STOP_COMMAND: Command = {
  name: "stop",
  summary: "Stop a tunnel that runs in the background",
  usage: ["stop [name] [options]", "stop --all [options]"],
  description: 'Stops tunnels that "sallyport run --detach" has started: all ' +
    "of one name, or all. It returns when they have ended. The name may be " +
    "left out when there is only one tunnel.",
  fields: FIELDS,
  async run(args, context) {
    const { values, positionals: [name, extra] } = await collectOptions(
      FIELDS,
      { args, environment: context.environment },
    );
    const { all, timeout, json } = validateOptions(FIELDS, values);
    const wrong = all ? name : extra;
    if (wrong !== undefined) throw unexpectedArgument(wrong);
    const live = await liveTunnels(tunnelsOf(context));
    const chosen = all ? live : chosenTunnels(live, name, "stop");
    await Promise.all(chosen.map((each) => stop(each, timeout, context)));
    const stopped = chosen.map(({ record: { name, id } }) => ({ name, id }));
    context.print(
      json
        ? jsonText(stopped)
        : stopped.map(({ name }) => `stopped ${name}\n`).join(""),
    );
    return EXIT.done;
  },
};

/** Resolves when the tunnel has ended. */
async function stop(
  { record }: LiveTunnel,
  timeout: number | undefined,
  { printError }: Context,
): Promise<void> {
  await askToStop(record, timeout);
  let isTold = false;
  for (;;) {
    const status = await statusOf(record);
    if (status === undefined) return;
    if (!isTold && status.underWay > 0) {
      isTold = true;
      printError(
        `Waiting for ${status.underWay} running requests of "${record.name}", ` +
          "--timeout 0s ends them",
      );
    }
    await sleep(INTERVAL);
  }
}

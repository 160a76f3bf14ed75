// The options of `sallyport run` that are about the command line, not the tunnel.
import { fieldsIn } from "../../config/field.ts";
import { onOff } from "../../config/values/values.ts";
import { CLIENT_FIELDS } from "../../config/options/client_config.ts";

const command = fieldsIn("With a command", { inFile: false });
const background = fieldsIn("In the background", { inFile: false });

/** The options that say what runs beside the tunnel. */
export const RUN_MODE_FIELDS = {
  commandProxy: command(onOff(), {
    summary: "Set HTTP_PROXY and HTTPS_PROXY for the command",
    help: "Sets HTTP_PROXY, HTTPS_PROXY and NO_PROXY for the command, in " +
      "capital and in small letters. NO_PROXY keeps what it has, and names " +
      "this machine.",
  }),
  detach: background(onOff(), {
    summary: "Start in the background, return when ready",
    help:
      "Starts the tunnel in the background, and returns when it is ready. " +
      '"sallyport list", "status" and "stop" find it. The log goes to a file ' +
      "that is printed, or to --log-file.",
  }),
};

/** All options of `sallyport run`, in the order of the help. */
export const RUN_FIELDS = { ...CLIENT_FIELDS, ...RUN_MODE_FIELDS };

// The options of `sallyport run` that are about the command line, not the tunnel.
import { fieldsIn } from "../../config/field.ts";
import { onOff } from "../../config/values/values.ts";
import { CLIENT_FIELDS } from "../../config/options/client_config.ts";

const field = fieldsIn("With a command", { inFile: false });

/** The options of `sallyport run … -- command`. */
export const WITH_COMMAND_FIELDS = {
  commandProxy: field(onOff(), {
    summary: "Set HTTP_PROXY and HTTPS_PROXY for the command",
    help: "Sets HTTP_PROXY, HTTPS_PROXY and NO_PROXY for the command, in " +
      "capital and in small letters. NO_PROXY keeps what it has, and names " +
      "this machine.",
  }),
};

/** All options of `sallyport run`, in the order of the help. */
export const RUN_FIELDS = { ...CLIENT_FIELDS, ...WITH_COMMAND_FIELDS };

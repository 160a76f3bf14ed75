// `sallyport backup`: a copy of a server's data.
import { collectOptions, validateOptions } from "../../config/load.ts";
import { SERVER_FIELDS } from "../../config/options/server_config.ts";
import {
  type Command,
  missingArgument,
  unexpectedArgument,
} from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { DATA_FIELDS } from "./account_command.ts";

/** The command `backup`. */
export const BACKUP_COMMAND: Command = {
  name: "backup",
  without: ["net"],
  summary: "Back up the data of a server, also while it runs",
  usage: ["backup <folder>"],
  description: "Copies users, keys, tunnels, and certificates with their " +
    "private keys, into a new folder that only you can read. To restore it, " +
    "start the server with that folder as its --data-dir. Use the same " +
    "--data-dir as the server.",
  fields: DATA_FIELDS,
  async run(args, { environment, print }) {
    const { values, positionals: [folder, extra] } = await collectOptions(
      SERVER_FIELDS,
      { args, environment },
    );
    if (extra !== undefined) throw unexpectedArgument(extra);
    if (folder === undefined) {
      throw missingArgument("back up", "the folder", "backup <folder>");
    }
    const { backUp } = await import("../../store/backup.ts");
    await backUp(validateOptions(DATA_FIELDS, values).dataDir, folder);
    print(`backed up to ${folder}\n`);
    return EXIT.done;
  },
};

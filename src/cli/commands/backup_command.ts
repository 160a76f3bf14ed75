/**
 * `sallyport backup`: a copy of a server's data.
 *
 * @module
 */
import { ConfigError } from "../../config/errors.ts";
import type { Fields } from "../../config/field.ts";
import { check, collect } from "../../config/load.ts";
import {
  SERVER_FIELDS,
  type ServerConfig,
} from "../../config/options/server_config.ts";
import { backUp } from "../../server/storage/backup.ts";
import { type Command, unexpected } from "../command.ts";
import { EXIT } from "../exit_code.ts";

const FIELDS: Fields<Pick<ServerConfig, "configFile" | "dataDir">> = {
  configFile: SERVER_FIELDS.configFile,
  dataDir: SERVER_FIELDS.dataDir,
};

/** The command `backup`. */
export const BACKUP_COMMAND: Command = {
  name: "backup",
  without: ["net"],
  summary: "Copy the data of a server, which may be running",
  usage: ["backup <folder>"],
  description: "Copies users, keys, tunnels and certificates, with their " +
    "private keys, into a new folder that only you can read. To restore it, " +
    "start the server with that folder as its --data-dir. Give it the same " +
    "--data-dir as the server.",
  fields: { ...FIELDS },
  async run(args, { environment, print }) {
    const { given, words: [folder, extra] } = await collect(SERVER_FIELDS, {
      args,
      environment,
    });
    if (extra !== undefined) throw unexpected(extra);
    if (folder === undefined) {
      throw new ConfigError(
        "required",
        "Cannot back up: the folder is not given, " +
          'write "sallyport backup <folder>"',
      );
    }
    await backUp(check(FIELDS, given).dataDir, folder);
    print(`backed up to ${folder}\n`);
    return EXIT.done;
  },
};

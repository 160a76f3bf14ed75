// `sallyport legacy`: opens a tunnel with the options of Sauce Connect 4, or
// translates them.
import { Mistakes } from "../../config/errors.ts";
import { fieldsByName } from "../../config/field.ts";
import { gatherOptions } from "../../config/load.ts";
import { CLIENT_FIELDS } from "../../config/options/client_config.ts";
import type { OptionValues } from "../../config/sources/option_values.ts";
import { yamlOptions } from "../../config/sources/yaml_file.ts";
import { logger } from "../../log/log.ts";
import {
  type Command,
  missingArgument,
  unexpectedArgument,
} from "../command.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../exit_code.ts";
import { type OldFile, readOldFile } from "../legacy/old_file.ts";
import { type OldFlags, readOldFlags } from "../legacy/old_flags.ts";
import { rawOf, translate, type Translation } from "../legacy/translate.ts";
import type { Services } from "../services.ts";
import { openTunnel } from "../tunnel/open_tunnel.ts";

/** Only this user may read a file that can hold an access key. */
const PRIVATE = 0o600;

const NO_FILE: OldFile = { options: new Map(), placeOf: () => undefined };

/** The command `legacy`. */
export function legacyCommand(
  services: Pick<Services, "startClient">,
): Command {
  return {
    name: "legacy",
    summary: "Use options or a file of Sauce Connect 4",
    usage: [
      "legacy <path>",
      "legacy [options of Sauce Connect 4]",
    ],
    description: "With a path it reads a YAML file of Sauce Connect 4 and " +
      'prints one for "sallyport run --config-file". With options of Sauce ' +
      "Connect 4 (-u, --api-key, --config-file ...) it opens a tunnel with " +
      "them, or writes the translation to --output-config-file. Options that " +
      "Sauce Connect 4 did not have, such as --server, may stand beside them. " +
      "Obsolete options become comments, or lines in the log. An option that " +
      "needs your decision is an error that says what to do. The access key " +
      "is printed if the file contains it. Domain names become regular " +
      "expressions.",
    fields: {},
    isService: true,
    async run(args, context) {
      const mistakes = new Mistakes();
      const flags = readOldFlags(args, mistakes);
      const [path, extra] = flags.positionals;
      const isPath = args.length === 1 && path !== undefined;
      if (isPath) return await printFile(path, context);
      mistakes.throwIfAny();
      const wrong = args.length === flags.positionals.length ? extra : path;
      if (wrong !== undefined) throw unexpectedArgument(wrong);
      if (args.length === 0) {
        throw missingArgument("translate", "the file", "legacy sc.yaml");
      }
      return await openOldTunnel(flags, { context, services });
    },
  };
}

async function printFile(
  path: string,
  { print, revokePermissions }: Context,
): Promise<number> {
  await revokePermissions(["net", "write"]);
  const { options, placeOf } = await readOldFile(path);
  print(textOf(translate(options, placeOf)));
  return EXIT.done;
}

async function openOldTunnel(
  flags: OldFlags,
  { context, services }: {
    readonly context: Context;
    readonly services: Pick<Services, "startClient">;
  },
): Promise<number> {
  const { old, sources, own, configFile, outputFile } = flags;
  const file = configFile === undefined
    ? NO_FILE
    : await readOldFile(configFile);
  const placeOf = (name: string) => sources.get(name) ?? file.placeOf(name);
  const translation = translate(
    new Map([...file.options, ...old]),
    (name) => sources.has(name) ? undefined : file.placeOf(name),
  );
  if (outputFile !== undefined) {
    await Deno.writeTextFile(outputFile, textOf(translation), {
      mode: PRIVATE,
    });
    return EXIT.done;
  }
  const collected = await gatherOptions(CLIENT_FIELDS, {
    args: [],
    environment: context.environment,
    presets: new Map([...presetsOf(translation, placeOf), ...own]),
  });
  return await openTunnel(collected, {
    context,
    services,
    onLog: () => logDropped(translation),
  });
}

/** The new options as if they were set, under the names that the user wrote. */
function presetsOf(
  { options, origins }: Translation,
  placeOf: (name: string) => string | undefined,
): OptionValues {
  const known = fieldsByName(CLIENT_FIELDS);
  return new Map(
    Object.entries(options).flatMap(([name, value]) => {
      const named = known.get(name);
      if (named === undefined) return [];
      const origin = origins[name] ?? name;
      const source = placeOf(origin) ?? origin;
      const raw = rawOf(value, named.field);
      return [[named.option, { raw, source }] as const];
    }),
  );
}

function logDropped({ dropped }: Translation): void {
  const log = logger("control");
  for (const { name, because } of dropped) {
    log.info("option of Sauce Connect 4 is dropped", { name, because });
  }
}

function textOf({ options, dropped }: Translation): string {
  const comments = dropped.map(({ name, because }) =>
    `# ${name} is dropped: ${because}.\n`
  );
  const server = "# The Sallyport server.\n" +
    "# server: https://host:port\n";
  const interception = options["tls-passthrough-domains"] === undefined
    ? "# Sauce Connect 4 intercepted the TLS of all sites. To do the same:\n" +
      "# tls-resign-domains: all\n"
    : "";
  const body = yamlOptions(options);
  return [...comments, server, interception, body].join("");
}

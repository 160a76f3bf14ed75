// `sallyport doctor`: finds out why a client or a server does not work.
import { fieldsIn, type OptionFields } from "../../config/field.ts";
import {
  type CollectedOptions,
  gatherOptions,
  validateOptions,
} from "../../config/load.ts";
import { withLogin } from "../../config/login_values.ts";
import { userLogins } from "../../config/logins.ts";
import { CLIENT_FIELDS } from "../../config/options/client_config.ts";
import { SERVER_FIELDS } from "../../config/options/server_config.ts";
import { text } from "../../config/values/values.ts";
import { type Command, onlyArgument } from "../command.ts";
import type { Context } from "../context.ts";
import {
  type Check,
  messageOf,
  type ReportLine,
  runChecks,
} from "../doctor/check.ts";
import { reportText, writeBundle } from "../doctor/report.ts";
import { EXIT } from "../exit_code.ts";
import type { Services } from "../services.ts";
import { JSON_FIELD, jsonText } from "../table.ts";
import { readTunnelSettings } from "../tunnel/open_tunnel.ts";

const field = fieldsIn("Doctor", { inFile: false });

const OWN_FIELDS = {
  ...JSON_FIELD,
  bundle: field(text().optional(), {
    placeholder: "path",
    defaultText: "no file",
    summary: "Write a file for a bug report, without secrets",
    help: "Writes a file for a bug report: version, report and " +
      "configuration, in which secrets are hidden. The file must not exist.",
  }),
};

const FIELDS = { ...OWN_FIELDS, ...CLIENT_FIELDS };

/** The switch that stands first: the client has an option of this name with a value. */
const SERVER = "--server";

/** The command `doctor`. */
export function doctorCommand(
  services: Pick<Services, "openAccounts">,
): Command {
  return {
    name: "doctor",
    summary: "Find out why a client or server does not work",
    usage: ["doctor [options]", "doctor --server [options of the server]"],
    description: "Checks a client step by step: configuration, DNS, proxy, " +
      "TCP, clock, TLS, login, and a request through a tunnel of another " +
      "name. Use the same options as for the client. With --server alone " +
      "it checks what a server needs: data directory, disk, file limit, " +
      "certificates, database, ports. Each line is ok, warn or fail, with a " +
      "remedy. The exit code is 1 if one fails.",
    fields: FIELDS,
    async run(args, context) {
      return isAboutServer(args)
        ? await examine(SERVER_FIELDS, args.filter((arg) => arg !== SERVER), {
          context,
          checksOf: async (_, config) => {
            const { serverChecks } = await import("../doctor/server_checks.ts");
            return serverChecks({ config, services });
          },
        })
        : await examine(CLIENT_FIELDS, args, {
          context,
          complete: (collected) =>
            withLogin(collected, userLogins(context.environment)),
          checksOf: async (collected) => {
            const { clientChecks } = await import("../doctor/client_checks.ts");
            const { options } = await readTunnelSettings(collected, {
              context,
            });
            return clientChecks(options);
          },
        });
    },
  };
}

/** Whether `--server` stands alone, as for `ready`. */
function isAboutServer(args: readonly string[]): boolean {
  return args.some((arg, index) => {
    const next = args[index + 1];
    return arg === SERVER && (next === undefined || next.startsWith("-"));
  });
}

/** What is examined, and how. */
interface Examination<Config> {
  readonly context: Context;
  /** Adds what is set elsewhere. */
  readonly complete?: (
    collected: CollectedOptions,
  ) => Promise<CollectedOptions>;
  /** The checks after that of the configuration. @throws {ConfigError} When files are wrong. */
  readonly checksOf: (
    collected: CollectedOptions,
    config: Config,
  ) => Promise<readonly Check[]>;
}

async function examine<Config>(
  fields: OptionFields<Config>,
  args: readonly string[],
  examination: Examination<Config>,
): Promise<number> {
  const { context, complete = (given) => Promise.resolve(given) } = examination;
  const { environment, print } = context;
  const collected = await complete(
    await gatherOptions({ ...OWN_FIELDS, ...fields }, { args, environment }),
  );
  const { values, positionals, mistakes } = collected;
  mistakes.attempt(() => onlyArgument(positionals, []));
  // These are wrong for the doctor itself.
  const { json, bundle } = validateOptions(OWN_FIELDS, values);
  const { config, lines } = await diagnose(fields, collected, examination);
  if (bundle !== undefined) {
    await writeBundle(bundle, { lines, fields, config, values });
  }
  print(json ? jsonText(lines) : reportText(lines));
  return lines.some(({ status }) => status === "fail")
    ? EXIT.refused
    : EXIT.done;
}

async function diagnose<Config>(
  fields: OptionFields<Config>,
  collected: CollectedOptions,
  { checksOf }: Examination<Config>,
): Promise<{
  readonly config: Config | undefined;
  readonly lines: readonly ReportLine[];
}> {
  const check = "configuration";
  let config: Config | undefined;
  try {
    config = validateOptions(fields, collected.values, collected.mistakes);
    const checks = await checksOf(collected, config);
    const count = collected.values.size;
    const text = `${count} ${count === 1 ? "option is" : "options are"} set`;
    const found = await runChecks(checks);
    const lines = [{ check, status: "ok", text } as const, ...found];
    return { config, lines: withFallback(lines, collected) };
  } catch (error) {
    const text = messageOf(error);
    return { config, lines: [{ check, status: "fail", text }] };
  }
}

/** A tunnel that needs WebSockets works, only slower. */
function withFallback(
  lines: readonly ReportLine[],
  { values }: CollectedOptions,
): readonly ReportLine[] {
  const isFallback = lines.some(({ check, status }) =>
    check === "WebSocket fallback" && status === "ok"
  );
  if (!isFallback || values.get("tunnel-transport")?.raw === "direct") {
    return lines;
  }
  return lines.map((line) =>
    line.check === "tunnel" && line.status === "fail"
      ? { ...line, status: "warn" }
      : line
  );
}

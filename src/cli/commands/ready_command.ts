// `sallyport ready`: a readiness probe for containers, which may lack curl.
import { containerSocket } from "../../config/options/api_config.ts";
import { CLIENT_FIELDS } from "../../config/options/client_config.ts";
import { SERVER_FIELDS } from "../../config/options/server_config.ts";
import { fieldsIn } from "../../config/field.ts";
import { collectOptions, validateOptions } from "../../config/load.ts";
import { optionName } from "../../config/option_names.ts";
import {
  type RunningTunnels,
  runningTunnels,
} from "../../config/running_tunnels.ts";
import { sleep } from "../../async/timer.ts";
import { duration, onOff } from "../../config/values/values.ts";
import { liveTunnels } from "../detached/control_client.ts";
import { formatAddress } from "../../net/address/address.ts";
import { externalSiteOf } from "../../server/ports/advertise.ts";
import { type Command, onlyArgument } from "../command.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../exit_code.ts";
import { type Probe, readyStatus } from "./ready_probe.ts";

/** The time between two looks, in milliseconds. */
const INTERVAL = 200;

/** The exit code that containers take as unhealthy; other codes are reserved. */
const NOT_READY = 1;

const option = fieldsIn("Options");

const OF_CLIENT = {
  configFile: CLIENT_FIELDS.configFile,
  apiAddress: CLIENT_FIELDS.apiAddress,
  apiSocket: CLIENT_FIELDS.apiSocket,
  apiBasicAuth: CLIENT_FIELDS.apiBasicAuth,
};

const OF_SERVER = {
  address: SERVER_FIELDS.address,
  plainHttp: SERVER_FIELDS.plainHttp,
};

const EXTERNAL_URL = option(SERVER_FIELDS.externalUrl.schema, {
  placeholder: "url",
  inFile: false,
  defaultText: "the server is checked at its --address",
  summary: "Check a server where others reach it",
  help: "Checks a server at this URL in place of its --address: through a " +
    "balancer or a port mapping. Only the flag does so. The variable and " +
    "the configuration file are the server's own.",
});

/** How long to wait, which no program is configured with. */
const WAIT_FIELD = {
  wait: option(duration().default(0), {
    inFile: false,
    placeholder: "duration",
    defaultText: "one look",
    summary: "How long to wait until it is ready",
    help: "How long to wait until it is ready, also until it runs at all.",
  }),
};

const FIELDS = {
  ...WAIT_FIELD,
  server: option(onOff(), {
    inFile: false,
    summary: "Check a server in place of a client",
    help: "Checks a server in place of a client, at its --address.",
  }),
  externalUrl: EXTERNAL_URL,
  ...OF_CLIENT,
  ...OF_SERVER,
};

/** What is asked whether it is ready. */
interface Asked {
  /** Why it is not ready; `undefined` if it is. */
  readonly problem: () => Promise<string | undefined>;
  /** How long to wait for it, in milliseconds. */
  readonly wait: number;
}

/** A running program, as the messages name it. */
interface Target extends Probe {
  readonly what: "client" | "server";
  /** The option that says where it is. */
  readonly option: string;
  /** What it must be ready for. */
  readonly purpose: string;
}

/** The command `ready`. */
export const READY_COMMAND: Command = {
  name: "ready",
  summary: "Check whether a running client or server is ready",
  usage: [
    "ready [--wait <duration>] [options]",
    "ready --server [--wait <duration>] [options]",
  ],
  description: "Checks with the status API of a client whether tests can " +
    "start, or with --server whether a server serves. The exit code is 0 if " +
    "so. It is 1 if not, or if there is no response within 2 seconds. Use the " +
    "same options as for the client or the server. Without an address it asks " +
    'the tunnel that "sallyport run --detach" has started.',
  fields: FIELDS,
  async run(args, context) {
    const asked = isAboutServer(args)
      ? await serverOf(args.filter((arg) => arg !== "--server"), context)
      : await clientOf(args, context);
    const problem = await untilReady(asked);
    if (problem === undefined) context.print("ready\n");
    else context.printError(problem);
    return problem === undefined ? EXIT.done : NOT_READY;
  },
};

/** Looks until it is ready, or the time is over. @returns Why it is not ready; `undefined` if it is. */
async function untilReady(
  { problem, wait }: Asked,
): Promise<string | undefined> {
  const end = performance.now() + wait;
  for (;;) {
    const found = await problem();
    const left = end - performance.now();
    if (found === undefined || left <= 0) return found;
    await sleep(Math.min(INTERVAL, left));
  }
}

/**
 * Whether `--server` stands alone. The client has an option of this name with a
 * value, and the client's options are accepted too.
 */
function isAboutServer(args: readonly string[]): boolean {
  return args.some((arg, index) => {
    const next = args[index + 1];
    return arg === "--server" && (next === undefined || next.startsWith("-"));
  });
}

async function clientOf(
  args: readonly string[],
  { environment }: Context,
): Promise<Asked> {
  const { values, positionals } = await collectOptions(
    { ...CLIENT_FIELDS, ...WAIT_FIELD },
    { args, environment },
  );
  onlyArgument(positionals, []);
  const { apiAddress, apiSocket, apiBasicAuth, wait } = validateOptions(
    { ...OF_CLIENT, ...WAIT_FIELD },
    values,
  );
  const endpoint = apiSocket ?? apiAddress ?? containerSocket(environment);
  if (endpoint === undefined) {
    const name = values.get(optionName("tunnelName"))?.raw;
    const tunnels = runningTunnels(environment);
    return {
      wait,
      problem: () =>
        backgroundProblem(tunnels, typeof name === "string" ? name : undefined),
    };
  }
  const target: Target = {
    what: "client",
    purpose: "start tests",
    option: typeof endpoint === "string" ? "--api-socket" : "--api-address",
    endpoint,
    basicAuth: apiBasicAuth,
  };
  return { wait, problem: () => problemOf(target) };
}

/** Why no tunnel in the background is ready; `undefined` if one is. */
async function backgroundProblem(
  tunnels: RunningTunnels | undefined,
  name: string | undefined,
): Promise<string | undefined> {
  const live = tunnels === undefined ? [] : await liveTunnels(tunnels);
  const named = live.filter(({ record }) =>
    name === undefined || record.name === name
  );
  const [first] = named;
  if (first === undefined) {
    return "Cannot reach the client: its address is not set and no such tunnel " +
      "runs in the background, use --api-address or SALLYPORT_API_ADDRESS";
  }
  return named.some(({ status }) => status.state === "ready")
    ? undefined
    : `Cannot start tests: the tunnel "${first.record.name}" is ` +
      `${first.status.state}, wait until it is ready`;
}

async function serverOf(
  args: readonly string[],
  { environment }: Context,
): Promise<Asked> {
  const { values, positionals } = await collectOptions(
    { ...SERVER_FIELDS, ...WAIT_FIELD },
    { args, environment },
  );
  onlyArgument(positionals, []);
  const { address, plainHttp, externalUrl, wait } = validateOptions(
    { ...OF_SERVER, ...WAIT_FIELD, externalUrl: EXTERNAL_URL },
    values,
  );
  const isFlag = values.get("external-url")?.source === "--external-url";
  const external = isFlag ? externalSiteOf({ externalUrl }) : undefined;
  const common = { what: "server", purpose: "use the server" } as const;
  const target: Target = external === undefined
    ? {
      ...common,
      option: "--address",
      endpoint: address,
      secure: !plainHttp,
    }
    : {
      ...common,
      option: "--external-url",
      endpoint: external,
      secure: true,
    };
  return { wait, problem: () => problemOf(target) };
}

/** Why it is not ready; `undefined` if it is. */
async function problemOf(target: Target): Promise<string | undefined> {
  const { endpoint, what, option, purpose } = target;
  const name = typeof endpoint === "string"
    ? endpoint
    : formatAddress(endpoint);
  let status: number;
  try {
    status = await readyStatus(target);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `Cannot reach the ${what} at "${name}": ${reason}, check that it runs with this ${option}`;
  }
  switch (status) {
    case 200:
      return undefined;
    case 401:
      return `Cannot check the ${what} at "${name}": it requires credentials, set --api-basic-auth`;
    case 429:
      return `Cannot check the ${what} at "${name}": too many failed attempts, set --api-basic-auth and wait a minute`;
    default:
      return `Cannot ${purpose}: the ${what} at "${name}" is not ready (${status}), wait until it is`;
  }
}

// `sallyport login`: keeps server, user and key for later runs.
import {
  serverPinOptions,
  serverProxyOptions,
} from "../../client/configured.ts";
import { RestClient } from "../../client/rest/rest_client.ts";
import { RestError } from "../../client/rest/rest_error.ts";
import { serverConnect } from "../../client/sessions/server_connect.ts";
import { startErrorOf } from "../../client/start_error.ts";
import { ConfigError } from "../../config/errors.ts";
import { type ConfigOf, fieldsIn } from "../../config/field.ts";
import { collectOptions, validateOptions } from "../../config/load.ts";
import { type Logins, userLogins } from "../../config/logins.ts";
import { CLIENT_FIELDS } from "../../config/options/client_config.ts";
import { readPem } from "../../config/values/read_pem.ts";
import { readBounded } from "../../config/sources/read_bounded.ts";
import {
  fingerprint,
  many,
  onOff,
  text,
  textLike,
} from "../../config/values/values.ts";
import { VERSION } from "../../config/version.ts";
import { systemResolver } from "../../net/names/resolver.ts";
import {
  pinServer,
  pinStore,
  serverOrigin,
} from "../certificate/pin_server.ts";
import {
  type Command,
  missingArgument,
  unexpectedArgument,
} from "../command.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../exit_code.ts";
import { JSON_FIELD, Listing } from "../table.ts";

const field = fieldsIn("Options", { inFile: false });

/** A key has about 50 characters. */
const MAX_KEY_BYTES = 4096;
/** How long the server may take, in milliseconds. */
const TIMEOUT = 15_000;
const NAME = /^[\w.:@-]{1,100}$/;

const FIELDS = {
  username: field(CLIENT_FIELDS.username.schema.optional(), {
    short: "u",
    placeholder: "name",
    defaultText: "a question on the terminal",
    summary: "Your name on the server",
  }),
  keyFile: field(text().optional(), {
    placeholder: "path",
    defaultText: "SALLYPORT_ACCESS_KEY, else a question on the terminal",
    summary: "File with the access key, or - for standard input",
    help: "File with the access key, or - for standard input. A key on the " +
      "command line could be read by other users.",
  }),
  name: field(textLike(NAME, "letters, digits or . _ : @ -").optional(), {
    placeholder: "name",
    defaultText: "the server's host",
    summary: "Name of the login, for several on one server",
  }),
  fingerprint: field(many(fingerprint()), {
    placeholder: "sha256:hex,...",
    defaultText: "a question on the terminal",
    summary: "Trust the certificate only if it has this one",
    help: "Trusts the server's certificate only if it, its public key or an " +
      "authority that the server sends along has this fingerprint. Nothing " +
      "is asked.",
  }),
  yes: field(onOff(), {
    summary: "Trust the certificate without a question",
    help: "Trusts what the server shows, without a question. Only on a " +
      "network where nobody can stand between.",
  }),
  list: field(onOff(), { summary: "List the logins" }),
  use: field(text().optional(), {
    placeholder: "name",
    defaultText: "the last login",
    summary: "Use this login from now on",
  }),
  ...JSON_FIELD,
  proxyServer: CLIENT_FIELDS.proxyServer,
  cacertFile: CLIENT_FIELDS.cacertFile,
};

type LoginConfig = ConfigOf<typeof FIELDS>;

/** The command `login`. */
export const LOGIN_COMMAND: Command = {
  name: "login",
  summary: "Keep server, name and key for later runs",
  usage: [
    "login <https://host:port> [options]",
    "login --list [--json]",
    "login --use <name>",
  ],
  description: "Shows the certificate of a server and asks whether to trust " +
    "it, asks for name and access key, tries them, and keeps them in a file " +
    'that only you can read. Later, "sallyport run -i name" is enough. The ' +
    "last login is in use; --server chooses another. Flags, environment and " +
    "configuration file win over a login.",
  fields: FIELDS,
  async run(args, context) {
    const { values, positionals: [server, extra] } = await collectOptions(
      FIELDS,
      { args, environment: context.environment },
    );
    if (extra !== undefined) throw unexpectedArgument(extra);
    const config = validateOptions(FIELDS, values);
    const logins = loginsOf(context);
    if (config.list) {
      context.print(await listText(logins, config));
    } else if (config.use !== undefined) {
      await use(config.use, logins);
      context.print(`using ${config.use}\n`);
    } else {
      if (server === undefined) {
        throw missingArgument(
          "log in",
          "the server",
          "login https://host:port",
        );
      }
      await logIn(serverOrigin(server, "log in to"), config, {
        logins,
        context,
      });
    }
    return EXIT.done;
  },
};

/** The command `logout`. */
export const LOGOUT_COMMAND: Command = {
  name: "logout",
  without: ["net"],
  summary: "Forget a login",
  usage: ["logout [name]"],
  description: "Forgets server, name and key of a login: of the one in use, " +
    "or of the one that is named. The key stays valid; revoke it on the page " +
    "of the server.",
  fields: {},
  async run([name, extra], context) {
    if (extra !== undefined) throw unexpectedArgument(extra);
    const logins = loginsOf(context);
    const chosen = name ??
      (await logins.list()).find(({ isCurrent }) => isCurrent)?.name;
    if (chosen === undefined || !await logins.remove(chosen)) {
      throw new ConfigError(
        "unknownName",
        `Cannot log out${chosen === undefined ? "" : ` of "${chosen}"`}: no ` +
          "such login, see sallyport login --list",
      );
    }
    context.print(`forgot ${chosen}\n`);
    return EXIT.done;
  },
};

function loginsOf({ environment }: Context): Logins {
  const logins = userLogins(environment);
  if (logins !== undefined) return logins;
  throw new ConfigError(
    "required",
    "Cannot keep logins: there is no home directory, set XDG_CONFIG_HOME",
  );
}

async function listText(
  logins: Logins,
  style: Pick<LoginConfig, "json">,
): Promise<string> {
  const all = await logins.list();
  return new Listing(
    ["name", "server", "user", "since", "in use"],
    all.map(({ name, login, isCurrent }) => [
      ...[name, login.server, login.username, login.since],
      isCurrent ? "yes" : undefined,
    ]),
  ).text(style);
}

async function use(name: string, logins: Logins): Promise<void> {
  if (await logins.use(name)) return;
  throw new ConfigError(
    "unknownName",
    `Cannot use the login "${name}": no such login, see sallyport login --list`,
  );
}

async function logIn(
  server: string,
  config: LoginConfig,
  { logins, context }: { readonly logins: Logins; readonly context: Context },
): Promise<void> {
  const store = pinStore(context);
  const isPinned = (await store.list()).has(server);
  // What was pinned before is verified when the login is tried.
  if (!isPinned || config.fingerprint.length > 0) {
    await pinServer(server, { ...config, store, context });
  }
  const username = config.username ??
    answered(context.ask(`Your name on ${server}:`), "--username");
  const accessKey = await keyOf(config, { server, context });
  await tryLogin({ server, username, accessKey }, config, context);
  const name = config.name ?? new URL(server).host;
  const since = new Date().toISOString();
  await logins.add(name, { server, username, accessKey, since });
  context.print(
    `logged in to ${server} as ${username}, kept in ${logins.path}\n` +
      "start a tunnel with: sallyport run -i NAME\n",
  );
}

async function keyOf(
  { keyFile }: LoginConfig,
  { server, context: { environment, askSecret } }: {
    readonly server: string;
    readonly context: Context;
  },
): Promise<string> {
  const found = keyFile !== undefined
    ? await readKey(keyFile)
    : environment("SALLYPORT_ACCESS_KEY") ||
      answered(
        await askSecret(
          `Your access key (make one at ${server}/keys; it is not shown): `,
        ),
        "--key-file",
      );
  const { success, data } = CLIENT_FIELDS.accessKey.schema.safeParse(
    found.trim(),
  );
  if (success) return data;
  throw new ConfigError("badValue", "Cannot log in: the access key is empty");
}

async function readKey(path: string): Promise<string> {
  if (path !== "-") {
    return await readBounded(path, "file of the access key", MAX_KEY_BYTES);
  }
  let key = "";
  for await (
    const piece of Deno.stdin.readable.pipeThrough(new TextDecoderStream())
  ) {
    key += piece;
    if (key.length > MAX_KEY_BYTES) break;
  }
  return key;
}

function answered(reply: string | undefined, option: string): string {
  if (reply !== undefined && reply.trim() !== "") return reply.trim();
  throw new ConfigError(
    "required",
    reply === undefined
      ? `Cannot ask: standard input is not a terminal, set ${option}`
      : `Cannot log in without an answer, or set ${option}`,
  );
}

/** Tries name and key. @throws {ClientError} When the server refuses them. */
async function tryLogin(
  login: Pick<
    ConstructorParameters<typeof RestClient>[0],
    "server" | "username" | "accessKey"
  >,
  { cacertFile, proxyServer }: LoginConfig,
  { environment }: Context,
): Promise<void> {
  const signal = AbortSignal.timeout(TIMEOUT);
  const { server } = login;
  const connect = serverConnect({
    server,
    caCerts: await Promise.all(cacertFile.map((each) => readPem(each))),
    ...serverProxyOptions({ proxyServer }, environment),
    ...await serverPinOptions({ server, serverFingerprint: [] }, environment),
  }, systemResolver);
  const { version } = VERSION;
  try {
    await new RestClient({ ...login, version, connect }).updates({
      client_version: version,
      client_host: `${VERSION.os} ${VERSION.arch}`,
      tunnel_name: "login",
    }, signal);
  } catch (cause) {
    if (cause instanceof RestError && cause.status === 403) {
      throw new ConfigError(
        "badValue",
        `Cannot use this key for tunnels: ${cause.message}`,
        { cause },
      );
    }
    throw startErrorOf(cause, new AbortController().signal);
  }
}

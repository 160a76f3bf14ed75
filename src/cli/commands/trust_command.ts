// `sallyport trust`: shows the certificate of a server, and pins it.
import { serverProxyOptions } from "../../client/configured.ts";
import { serverConnect } from "../../client/sessions/server_connect.ts";
import { ConfigError } from "../../config/errors.ts";
import { fieldsIn } from "../../config/field.ts";
import { collectOptions, validateOptions } from "../../config/load.ts";
import {
  CLIENT_FIELDS,
  type ClientConfig,
} from "../../config/options/client_config.ts";
import {
  type TrustedServers,
  trustedServers,
} from "../../config/trusted_servers.ts";
import { readPem } from "../../config/values/read_pem.ts";
import {
  fingerprint,
  httpsOrigin,
  many,
  onOff,
} from "../../config/values/values.ts";
import { visible } from "../../log/visible.ts";
import type { Address } from "../../net/address/address.ts";
import { DialError } from "../../net/dial_error.ts";
import { systemResolver } from "../../net/names/resolver.ts";
import {
  type Chain,
  fingerprintsOf,
  lastAuthority,
  pinFault,
} from "../../net/tls/certificate_pins.ts";
import { peerCertificates } from "../../net/tls/start_tls_over.ts";
import {
  type Command,
  missingArgument,
  unexpectedArgument,
} from "../command.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../exit_code.ts";

const field = fieldsIn("Options");
/** The most of a name in a certificate that is shown, in characters: the server writes it. */
const MAX_SHOWN = 200;

const FIELDS = {
  fingerprint: field(many(fingerprint()), {
    placeholder: "sha256:hex,...",
    defaultText: "a question on the terminal",
    summary: "Pin only if the certificate has this one",
    help: "Pins the certificate only if it, its public key or an authority " +
      "that the server sends along has this fingerprint. Nothing is asked.",
  }),
  yes: field(onOff(), {
    summary: "Pin without a question",
    help: "Pins what the server shows, without a question. Only on a network " +
      "where nobody can stand between.",
  }),
  remove: field(onOff(), { summary: "Forget the server" }),
  list: field(onOff(), { summary: "List the pinned servers" }),
  proxyServer: CLIENT_FIELDS.proxyServer,
  cacertFile: CLIENT_FIELDS.cacertFile,
};

/** The command `trust`. */
export const TRUST_COMMAND: Command = {
  name: "trust",
  summary: "Show and pin the certificate of a server",
  usage: [
    "trust <https://host:port> [options]",
    "trust <https://host:port> --remove",
    "trust --list",
  ],
  description:
    "Connects to a server, shows its certificates and asks whether " +
    'to trust them. "sallyport run" of this user then trusts exactly these ' +
    "for that server. Compare the fingerprint with the one in the server's " +
    "log.",
  fields: FIELDS,
  async run(args, context) {
    const { environment, print } = context;
    const { values, positionals: [server, extra] } = await collectOptions(
      FIELDS,
      { args, environment },
    );
    if (extra !== undefined) throw unexpectedArgument(extra);
    const options = validateOptions(FIELDS, values);
    const store = storeOf(context);
    if (options.list) {
      print(await listText(store));
      return EXIT.done;
    }
    if (server === undefined) {
      throw missingArgument(
        "trust a server",
        "its address",
        "trust https://host:port",
      );
    }
    const origin = originOf(server);
    if (options.remove) {
      if (!await store.remove(origin)) {
        throw new ConfigError(
          "badValue",
          `Cannot forget "${origin}": it is not pinned, see sallyport trust --list`,
        );
      }
      print(`forgot ${origin}\n`);
      return EXIT.done;
    }
    return await trust(origin, { ...options, store, context });
  },
};

interface TrustOptions {
  readonly fingerprint: readonly string[];
  readonly yes: boolean;
  readonly proxyServer: ClientConfig["proxyServer"];
  readonly cacertFile: readonly string[];
  readonly store: TrustedServers;
  readonly context: Context;
}

async function trust(origin: string, options: TrustOptions): Promise<number> {
  const { fingerprint, yes, store, context } = options;
  const { print } = context;
  const { hostname, chain, isTrusted } = await lookAt(origin, options);
  print(`${chainText(chain)}\n`);
  if (fingerprint.length === 0 && isTrusted) {
    print("It is signed by an authority that is trusted: nothing to pin.\n");
    return EXIT.done;
  }
  const pins = fingerprint.length > 0 ? fingerprint : pinsOf(chain);
  const fault = pinFault(chain, {
    fingerprints: pins,
    source: "--fingerprint",
  }, { hostname, now: new Date() });
  if (fault !== undefined) {
    throw new ConfigError("badValue", `Cannot pin "${origin}": ${fault}`);
  }
  if (fingerprint.length === 0 && !yes && !isAgreed(context)) {
    throw new ConfigError("required", `Nothing is pinned for "${origin}"`);
  }
  const [own] = chain;
  await store.pin(origin, {
    fingerprints: [...pins],
    subject: nameOf(own.subject) || nameOf(own.subjectAltName),
    since: new Date().toISOString(),
  });
  print(`pinned ${pins.join(", ")}\nfor ${origin} in ${store.path}\n`);
  return EXIT.done;
}

/** The key of the server's authority, which outlives renewals; else its own key. */
function pinsOf(chain: Chain): readonly string[] {
  return [fingerprintsOf(lastAuthority(chain) ?? chain[0]).publicKey];
}

/** @throws {ConfigError} When nobody can be asked. */
function isAgreed({ ask }: Context): boolean {
  const reply = ask("Is this the certificate of the server? [y/N]");
  if (reply === undefined) {
    throw new ConfigError(
      "required",
      "Cannot ask whether to trust it: standard input is not a terminal, set " +
        "--fingerprint to what the server's log says, or --yes",
    );
  }
  return /^y(es)?$/i.test(reply.trim());
}

/** What the server shows, and whether it is trusted without a pin. @throws {DialError} When it cannot be reached. */
async function lookAt(
  origin: string,
  { cacertFile, proxyServer, context }: TrustOptions,
): Promise<{
  readonly hostname: string;
  readonly chain: Chain;
  readonly isTrusted: boolean;
}> {
  const caCerts = await Promise.all(cacertFile.map((each) => readPem(each)));
  const connect = serverConnect({
    caCerts,
    ...serverProxyOptions({ proxyServer }, context.environment),
  }, systemResolver);
  const address = addressOf(origin);
  const { signal } = new AbortController();
  const [own, ...others] = await peerCertificates(
    await connect({ ...address, secure: false }, signal),
    { ...address, signal },
  );
  if (own === undefined) {
    throw new ConfigError(
      "badValue",
      `Cannot trust "${origin}": it shows no certificate`,
    );
  }
  const isTrusted = await isTrustedBy(() =>
    connect({ ...address, secure: true }, signal)
  );
  return { hostname: address.hostname, chain: [own, ...others], isTrusted };
}

async function isTrustedBy(
  open: () => Promise<{ close(): void }>,
): Promise<boolean> {
  try {
    (await open()).close();
    return true;
  } catch (cause) {
    if (cause instanceof DialError && cause.code === "certificate") {
      return false;
    }
    throw cause;
  }
}

function addressOf(origin: string): Address {
  const { hostname, port } = new URL(origin);
  return {
    hostname: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port || 443),
  };
}

function originOf(text: string): string {
  const found = httpsOrigin().safeParse(text);
  if (found.success) return found.data;
  throw new ConfigError(
    "badValue",
    `Cannot trust "${text}": expected https://host:port, without a path`,
  );
}

function storeOf({ environment }: Context): TrustedServers {
  const store = trustedServers(environment);
  if (store !== undefined) return store;
  throw new ConfigError(
    "required",
    "Cannot pin servers: there is no home directory, set XDG_CONFIG_HOME, or " +
      "use --server-fingerprint",
  );
}

async function listText(store: TrustedServers): Promise<string> {
  const lines = [...await store.list()].map((
    [origin, { fingerprints, since }],
  ) =>
    `${origin}\n  since ${since}\n` +
    fingerprints.map((each) => `  ${each}\n`).join("")
  );
  return lines.length === 0 ? "no server is pinned\n" : lines.join("");
}

function chainText(chain: Chain): string {
  return chain.map((each, at) => {
    const { certificate, publicKey } = fingerprintsOf(each);
    const names = each.subjectAltName ?? "";
    return [
      at === 0 ? "Certificate of the server" : "Signed by",
      `  subject      ${nameOf(each.subject)}`,
      `  issuer       ${nameOf(each.issuer)}`,
      ...names === "" ? [] : [`  names        ${nameOf(names)}`],
      `  valid        ${each.validFromDate.toISOString()} to ${each.validToDate.toISOString()}`,
      `  fingerprint  ${each.fingerprint256}`,
      `  certificate  ${certificate}`,
      `  public key   ${publicKey}`,
      "",
    ].join("\n");
  }).join("");
}

/** What a certificate says, on one line and without control characters. */
function nameOf(text: string | undefined): string {
  const line = visible((text ?? "").replaceAll("\n", ", "));
  return line.length > MAX_SHOWN ? `${line.slice(0, MAX_SHOWN)}…` : line;
}

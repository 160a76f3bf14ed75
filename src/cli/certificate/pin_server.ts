// Shows the certificate of a server, asks whether it is the right one, and pins it.
import { serverProxyOptions } from "../../client/configured.ts";
import { serverConnect } from "../../client/sessions/server_connect.ts";
import { ConfigError } from "../../config/errors.ts";
import type { ClientConfig } from "../../config/options/client_config.ts";
import {
  type TrustedServers,
  trustedServers,
} from "../../config/trusted_servers.ts";
import { readPem } from "../../config/values/read_pem.ts";
import { httpsOrigin } from "../../config/values/values.ts";
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
import type { Context } from "../context.ts";
import { chainText, nameOf } from "./chain_text.ts";

/** How a server is looked at and pinned. */
export interface PinOptions {
  readonly fingerprint: readonly string[];
  readonly yes: boolean;
  readonly proxyServer: ClientConfig["proxyServer"];
  readonly cacertFile: readonly string[];
  readonly store: TrustedServers;
  readonly context: Context;
}

/**
 * Shows what the server shows, and pins it if the user agrees. Nothing is pinned
 * where an authority that is trusted has signed it.
 *
 * @throws {ConfigError} When nothing may be pinned.
 * @throws {DialError} When the server cannot be reached.
 */
export async function pinServer(
  origin: string,
  options: PinOptions,
): Promise<void> {
  const { fingerprint, yes, store, context } = options;
  const { print } = context;
  const { hostname, chain, isTrusted } = await lookAt(origin, options);
  print(`${chainText(chain)}\n`);
  if (fingerprint.length === 0 && isTrusted) {
    print("It is signed by an authority that is trusted: nothing to pin.\n");
    return;
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
  { cacertFile, proxyServer, context }: PinOptions,
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
  const address = addressOfOrigin(origin);
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

/** Host and port of an origin. */
export function addressOfOrigin(origin: string): Address {
  const { hostname, port } = new URL(origin);
  return {
    hostname: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port || 443),
  };
}

/** The origin that a user names. @throws {ConfigError} When the text is not one. @param verb What is done: `trust`. */
export function serverOrigin(text: string, verb: string): string {
  const found = httpsOrigin().safeParse(text);
  if (found.success) return found.data;
  throw new ConfigError(
    "badValue",
    `Cannot ${verb} "${text}": expected https://host:port, without a path`,
  );
}

/** The file of pinned servers. @throws {ConfigError} When the user has no home directory. */
export function pinStore({ environment }: Context): TrustedServers {
  const store = trustedServers(environment);
  if (store !== undefined) return store;
  throw new ConfigError(
    "required",
    "Cannot pin servers: there is no home directory, set XDG_CONFIG_HOME, or " +
      "use --server-fingerprint",
  );
}

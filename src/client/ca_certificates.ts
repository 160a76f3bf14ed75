import { logger } from "../log/log.ts";
import { CertificateWatch } from "../net/tls/certificate_watch.ts";
import type { ClientOptions } from "./options.ts";

/** A client's options, and what keeps its trusted certificates up to date. */
export interface WatchedOptions extends AsyncDisposable {
  /** `caCerts` changes in place: every connection reads it again. */
  readonly options: ClientOptions;
  readonly watch: CertificateWatch;
}

/** Takes the trusted certificates again when their files change, until disposed. */
export function watchCaCerts(options: ClientOptions): WatchedOptions {
  const { caCerts: given = [], rereadCaCerts } = options;
  const { certificateInterval: interval } = options;
  const caCerts = [...given];
  let found = given;
  const watch = new CertificateWatch([{
    name: "cacert-file",
    areTrusted: true,
    inUse: { cert: given.join("\n") },
    read: async () => {
      found = await rereadCaCerts?.() ?? given;
      return { cert: found.join("\n") };
    },
    use: () => void caCerts.splice(0, Infinity, ...found),
  }], { log: logger("control"), interval });
  return {
    options: { ...options, caCerts },
    watch,
    [Symbol.asyncDispose]: () => watch[Symbol.asyncDispose](),
  };
}

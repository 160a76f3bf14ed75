/**
 * Every option of `sallyport server`; see `client_config.ts` for how to add one.
 *
 * @module
 */
import type { Address } from "../../net/address/address.ts";
import {
  CONNECTION_LIMIT_FIELDS,
  type ConnectionLimitConfig,
} from "./connection_limit_config.ts";
import { defaultDataDir } from "../data_dir.ts";
import { DIRECT_FIELDS, type DirectConfig } from "./direct_config.ts";
import { field, type Fields } from "../field.ts";
import {
  type HttpLogConfig,
  SERVER_HTTP_LOG_FIELDS,
} from "./http_log_config.ts";
import { LOG_FIELDS, type LogConfig } from "./log_config.ts";
import { PORT_FIELDS, type PortConfig } from "./port_config.ts";
import {
  REQUEST_LIMIT_FIELDS,
  type RequestLimitConfig,
} from "./request_limit_config.ts";
import {
  TUNNEL_LIMIT_FIELDS,
  type TunnelLimitConfig,
} from "./tunnel_limit_config.ts";
import {
  duration,
  host,
  listenAddress,
  many,
  type Pair,
  pair,
  text,
} from "../values/values.ts";

/** What `sallyport server` is told. Durations are in milliseconds. */
export interface ServerConfig
  extends
    ConnectionLimitConfig,
    DirectConfig,
    HttpLogConfig,
    LogConfig,
    PortConfig,
    RequestLimitConfig,
    TunnelLimitConfig {
  readonly address: Address;
  readonly tunnelAddress: Address;
  readonly proxyAddress: Address;
  readonly externalHost: string | undefined;
  readonly configFile: string | undefined;
  readonly dataDir: string;
  readonly shutdownTimeout: number;
  readonly tlsCertFile: string | undefined;
  readonly tlsKeyFile: string | undefined;
  readonly resignCaCertFile: string | undefined;
  readonly resignCaKeyFile: string | undefined;
  /** User names with their access keys. */
  readonly users: readonly Pair[];
}

/** Declares the options of `ServerConfig`, in the order of the help. */
export const SERVER_FIELDS: Fields<ServerConfig> = {
  address: field(
    listenAddress().default({ hostname: "127.0.0.1", port: 8443 }),
    {
      section: "Addresses",
      placeholder: "host:port",
      help: "Where the REST API and the page listen, with TLS.",
    },
  ),
  tunnelAddress: field(
    listenAddress().default({ hostname: "127.0.0.1", port: 8444 }),
    {
      section: "Addresses",
      placeholder: "host:port",
      help: "Where clients connect, with TLS.",
    },
  ),
  proxyAddress: field(
    listenAddress().default({ hostname: "127.0.0.1", port: 8080 }),
    {
      section: "Addresses",
      placeholder: "host:port",
      help: "Where test browsers find their proxy.",
    },
  ),
  ...PORT_FIELDS,
  externalHost: field(host().optional(), {
    section: "Addresses",
    placeholder: "name",
    defaultText: "the name that a request was sent to",
    help: "Name under which clients and browsers reach this server. It goes " +
      "into the certificate and into replies.",
  }),
  configFile: field(text().optional(), {
    section: "Options",
    short: "c",
    placeholder: "path",
    inFile: false,
    help: "File with options: YAML, JSON or TOML, told apart by the " +
      'extension. "sallyport server config-file" prints one.',
  }),
  // Without a usual place it is required: an empty text is none.
  dataDir: field(text().prefault(() => defaultDataDir() ?? ""), {
    section: "Options",
    placeholder: "path",
    defaultText: "$XDG_DATA_HOME/sallyport or ~/.local/share/sallyport",
    help: "Directory for users, certificates and history. It is made when it " +
      "is missing, for this user only.",
  }),
  shutdownTimeout: field(duration().default(30_000), {
    section: "Options",
    placeholder: "duration",
    help: "How long to wait for running requests when the server is stopped.",
  }),
  ...DIRECT_FIELDS,
  ...TUNNEL_LIMIT_FIELDS,
  ...CONNECTION_LIMIT_FIELDS,
  ...REQUEST_LIMIT_FIELDS,
  tlsCertFile: field(text().optional(), {
    section: "TLS",
    placeholder: "path",
    defaultText: "made in the data directory, with a CA of its own",
    help: "Certificate of this server and those that signed it, in PEM.",
  }),
  tlsKeyFile: field(text().optional(), {
    section: "TLS",
    placeholder: "path",
    help: "Private key of that certificate, in PEM.",
  }),
  resignCaCertFile: field(text().optional(), {
    section: "TLS",
    placeholder: "path",
    defaultText: "the CA in the data directory",
    help: "CA that signs for the hosts of --tls-resign-domains, and those " +
      "that signed it, in PEM. Test browsers must trust it; the server gives " +
      "it to everybody at /rest/v1/public/ca.pem.",
  }),
  resignCaKeyFile: field(text().optional(), {
    section: "TLS",
    placeholder: "path",
    help: "Private key of that CA, in PEM (PKCS #8): ECDSA P-256 or P-384, " +
      "or RSA.",
  }),
  users: field(many(pair(":")), {
    section: "Users",
    placeholder: "name:key,...",
    secret: "password",
    help: "Users with their access keys, besides those added with " +
      '"sallyport user add". Prefer the environment: other users of this ' +
      "machine can see command lines.",
  }),
  ...LOG_FIELDS,
  ...SERVER_HTTP_LOG_FIELDS,
};

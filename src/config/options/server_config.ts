// Every option of `sallyport server`; see `client_config.ts` for how to add one.
import { defaultListenHost } from "../container.ts";
import { defaultDataDir } from "../data_dir.ts";
import { ACME_FIELDS } from "./acme_config.ts";
import { DIRECT_FIELDS } from "./direct_config.ts";
import { EXTERNAL_FIELDS } from "./external_config.ts";
import { type ConfigOf, fieldsIn } from "../field.ts";
import type { Address } from "../../net/address/address.ts";
import { LIMIT_FIELDS } from "./limit_config.ts";
import { HTTP_CLIENT_FIELDS } from "./http_client_config.ts";
import { LOG_FIELDS, SERVER_HTTP_LOG_FIELDS } from "./log_config.ts";
import { OIDC_FIELDS } from "./oidc_config.ts";
import { PORT_FIELDS } from "./port_config.ts";
import { TRUSTED_PROXY_FIELDS } from "./trusted_proxy_config.ts";
import {
  addressOrNone,
  choice,
  duration,
  listenAddress,
  many,
  pair,
  text,
} from "../values/values.ts";

const address = fieldsIn("Addresses");
const option = fieldsIn("Options");
const tls = fieldsIn("TLS");
const user = fieldsIn("Users");

/** The default address with this port. */
function listensOn(port: number): Address {
  return { hostname: defaultListenHost(), port };
}

const IN_CONTAINERS =
  " Where PLATFORM=container, the default is all interfaces.";

/** The options of `sallyport server`, in the order of the help. */
export const SERVER_FIELDS = {
  address: address(
    listenAddress().default(() => listensOn(8443)),
    {
      placeholder: "host:port",
      summary: "Address for everything",
      help: "Address of everything, with TLS: the REST API and the page, the " +
        "connections of clients, and an HTTPS proxy for test browsers." +
        IN_CONTAINERS,
    },
  ),
  tunnelAddress: address(listenAddress().optional(), {
    placeholder: "host:port",
    defaultText: "that of --address",
    summary: "Separate address for clients",
    help:
      "Separate address that clients connect to, with TLS. --address then " +
      "takes no clients.",
  }),
  proxyAddress: address(
    addressOrNone().default(() => listensOn(8080)),
    {
      placeholder: "host:port",
      summary: "Proxy without TLS, or none",
      help: "Address of the proxy without TLS, for browsers that cannot use " +
        'an HTTPS proxy, such as Selenium nodes. "none" opens no such port.' +
        IN_CONTAINERS,
    },
  ),
  httpsProxy: address(choice("on", "off").default("on"), {
    placeholder: "on|off",
    summary: "Whether --address is a proxy for browsers",
    help: "Whether --address is an HTTPS proxy for test browsers, besides " +
      "everything else.",
  }),
  ...PORT_FIELDS,
  ...EXTERNAL_FIELDS,
  ...TRUSTED_PROXY_FIELDS,
  configFile: option(text().optional(), {
    short: "c",
    placeholder: "path",
    inFile: false,
    summary: "Configuration file: YAML, JSON or TOML",
    help: "Configuration file: YAML, JSON or TOML, by its extension. " +
      '"sallyport server config-file" prints a template.',
  }),
  // Without a home directory there is no default: an empty text is invalid.
  dataDir: option(text().prefault(() => defaultDataDir() ?? ""), {
    placeholder: "path",
    defaultText: "$XDG_DATA_HOME/sallyport or ~/.local/share/sallyport",
    summary: "Directory for users, certificates and history",
    help: "Directory for users, certificates and history. If it is missing, " +
      "it is created for this user only.",
  }),
  shutdownTimeout: option(duration().default(30_000), {
    placeholder: "duration",
    summary: "How long to wait for running requests",
    help: "How long to wait for running requests when the server is stopped.",
  }),
  ...DIRECT_FIELDS,
  ...LIMIT_FIELDS,
  tlsCertFile: tls(text().optional(), {
    placeholder: "path",
    defaultText: "created in the data directory, with its own CA",
    summary: "Certificate chain of this server, in PEM",
  }),
  tlsKeyFile: tls(text().optional(), {
    placeholder: "path",
    summary: "Private key of that certificate, in PEM",
  }),
  resignCaCertFile: tls(text().optional(), {
    placeholder: "path",
    defaultText: "the CA in the data directory",
    summary: "CA for intercepted hosts, in PEM",
    help: "CA that signs for the hosts of --tls-resign-domains, with its " +
      "chain, in PEM. Test browsers must trust it. Anyone can download it at " +
      "/rest/v1/public/ca.pem.",
  }),
  resignCaKeyFile: tls(text().optional(), {
    placeholder: "path",
    summary: "Private key of that CA, in PEM",
    help: "Private key of that CA, in PEM (PKCS #8): ECDSA P-256 or P-384, " +
      "or RSA.",
  }),
  cacertFile: tls(HTTP_CLIENT_FIELDS.cacertFile.schema, {
    placeholder: "path or base64",
    summary: "CA certificates to trust besides the system's",
    help: "CA certificates to trust besides those of the system, in PEM: " +
      "paths, or data:base64,... Needed for an identity provider with " +
      "certificates of a private CA.",
  }),
  ...ACME_FIELDS,
  users: user(many(pair(":")), {
    placeholder: "name:key,...",
    secret: "password",
    summary: "Users with access keys; prefer the environment",
    help: "Users with their access keys, in addition to those of " +
      '"sallyport user add". Prefer SALLYPORT_USERS: other users of this ' +
      "machine can see command lines.",
  }),
  ...OIDC_FIELDS,
  ...LOG_FIELDS,
  ...SERVER_HTTP_LOG_FIELDS,
};

/** The configuration of `sallyport server`. Durations are in milliseconds. */
export type ServerConfig = ConfigOf<typeof SERVER_FIELDS>;

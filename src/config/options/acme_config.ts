// The server's options about certificates from an ACME server.
import * as z from "zod";
import { ConfigError } from "../errors.ts";
import { type ConfigOf, fieldsIn } from "../field.ts";
import {
  codec,
  listenAddress,
  many,
  onOff,
  text,
  textLike,
} from "../values/values.ts";

const field = fieldsIn("Certificates by ACME");

const LETS_ENCRYPT = "https://acme-v02.api.letsencrypt.org/directory";
/** Names of one certificate: CAs take no more. */
const MAX_DOMAINS = 100;
const LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;
const EMAIL = /^[^\s@:,?]+@[^\s@:,?]+$/;
const BASE64_URL = /^[\w-]{16,}=*$/;

/** A host name that a public CA can sign for, in lower case. */
function domain(): z.ZodType<string, string> {
  return codec(
    (raw) => {
      const name = raw.toLowerCase().replace(/\.$/, "");
      const labels = name.split(".");
      const isName = name.length <= 253 && labels.length > 1 &&
        labels.every((each) => LABEL.test(each)) &&
        !/^\d+$/.test(labels.at(-1) ?? "");
      return isName ? name : undefined;
    },
    (name) => name,
    (raw) =>
      raw.startsWith("*.")
        ? "a name with * needs DNS-01, which another program must do: give " +
          "each name, or use --tls-cert-file"
        : "expected a host name such as lab.example",
  );
}

function httpsUrl(): z.ZodType<string, string> {
  return codec(
    (raw) => {
      const url = URL.parse(raw);
      const isUsable = url?.protocol === "https:" && url.username === "" &&
        url.password === "";
      return isUsable ? url.href : undefined;
    },
    (url) => url,
    "expected the https:// URL of an ACME directory",
  );
}

/** The options, in the order of the help. */
export const ACME_FIELDS = {
  acmeDomain: field(
    z.array(domain()).max(
      MAX_DOMAINS,
      `expected at most ${MAX_DOMAINS} names, which is what CAs take`,
    ).default([]),
    {
      placeholder: "name,...",
      defaultText: "none",
      summary: "Names to get a certificate for by ACME",
      help:
        "Names of this server that a certificate is got for, and renewed, " +
        "by ACME. Each must lead to this server from where the CA looks.",
    },
  ),
  acmeAgreeTerms: field(onOff(), {
    summary: "Agree to the terms of that CA",
    help: "Agrees to the terms of service of the CA. Read them first; the " +
      'directory names them at "termsOfService".',
  }),
  acmeDirectory: field(httpsUrl().default(LETS_ENCRYPT), {
    placeholder: "url",
    defaultText: "that of Let's Encrypt",
    summary: "ACME directory of the CA",
    help: "URL of the CA's ACME directory. The default is Let's Encrypt.",
  }),
  acmeEmail: field(
    textLike(EMAIL, "an e-mail address").optional(),
    {
      placeholder: "address",
      defaultText: "none",
      summary: "Where the CA may write to",
    },
  ),
  acmeHttpAddress: field(listenAddress().optional(), {
    placeholder: "host:port",
    defaultText: "none: TLS-ALPN-01 on the port of --address",
    summary: "Plain port for HTTP-01, such as :80",
    help: "Address of a plain HTTP port for the challenge HTTP-01, such as " +
      ":80. Port 80 of the names must lead there. Without it the CA looks at " +
      "port 443 of the names (TLS-ALPN-01), which must lead to --address.",
  }),
  acmeCacertFile: field(many(text()), {
    placeholder: "path,...",
    defaultText: "the built-in authorities",
    summary: "CA of the ACME server itself, in PEM",
    help: "Certificates in PEM that are trusted for the connection to the " +
      "ACME server, besides the built-in ones.",
  }),
  acmeEabKeyId: field(text().optional(), {
    placeholder: "id",
    summary: "Key id of an account at the CA (EAB)",
    help:
      "Key id of an account at the CA, where it asks for external account " +
      "binding.",
  }),
  acmeEabHmacKey: field(
    textLike(BASE64_URL, "a key in base64url, as the CA shows it").optional(),
    {
      placeholder: "key",
      secret: "all",
      summary: "MAC key of that account; prefer the environment",
      help: "MAC key of that account, in base64url. Prefer " +
        "SALLYPORT_ACME_EAB_HMAC_KEY: other users of this machine can see " +
        "command lines.",
    },
  ),
};

/** The values of these options, and what excludes them. */
type AcmeConfig = ConfigOf<typeof ACME_FIELDS> & {
  readonly tlsCertFile: string | undefined;
  readonly tlsKeyFile: string | undefined;
  readonly plainHttp: boolean;
};

/** @throws {ConfigError} When options contradict each other, or one is missing. */
export function checkAcme(config: AcmeConfig): void {
  const { acmeEabKeyId, acmeEabHmacKey } = config;
  if ((acmeEabKeyId === undefined) !== (acmeEabHmacKey === undefined)) {
    throw new ConfigError(
      "required",
      "Cannot use one of --acme-eab-key-id and --acme-eab-hmac-key alone: " +
        "set both",
    );
  }
  if (config.acmeDomain.length === 0) return checkUnused(config);
  if (config.tlsCertFile !== undefined || config.tlsKeyFile !== undefined) {
    throw new ConfigError(
      "badValue",
      "Cannot use --acme-domain with --tls-cert-file: there is one " +
        "certificate, leave one of them out",
    );
  }
  if (config.plainHttp) {
    throw new ConfigError(
      "badValue",
      "Cannot use --acme-domain with --plain-http: the proxy before the " +
        "server has the certificate, leave one of them out",
    );
  }
  if (config.acmeAgreeTerms) return;
  throw new ConfigError(
    "required",
    "Cannot use --acme-domain: the terms of the CA are not agreed to, read " +
      `them ("termsOfService" in ${config.acmeDirectory}) and set ` +
      "--acme-agree-terms",
  );
}

/** What is set and does nothing without names is a mistake. */
function checkUnused(
  { acmeHttpAddress, acmeAgreeTerms, acmeEmail, acmeEabKeyId }: AcmeConfig,
): void {
  const isSet = acmeHttpAddress !== undefined || acmeAgreeTerms ||
    acmeEmail !== undefined || acmeEabKeyId !== undefined;
  if (!isSet) return;
  throw new ConfigError(
    "required",
    "Cannot get a certificate by ACME: no name is given, set --acme-domain",
  );
}

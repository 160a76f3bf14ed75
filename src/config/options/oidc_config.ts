// The server's options about the sign-in at an identity provider.
import { isIpAddress, isLocalhostName } from "../../net/address/address.ts";
import { type ConfigOf, fieldsIn } from "../field.ts";
import { groupRule } from "../values/group_rule.ts";
import { codec, many, text, textLike } from "../values/values.ts";
import { ConfigError } from "../errors.ts";

const field = fieldsIn("Sign-in");

/** A scope or the name of a claim: visible ASCII without `"` and `\` (RFC 6749 §3.3). */
const TOKEN = /^[!#-[\]-~]{1,128}$/;
const TOKEN_FORM = "1 to 128 visible ASCII characters without quotes";

/** The identity provider of the page (OpenID Connect), and what its groups mean here. */
export const OIDC_FIELDS = {
  oidcIssuer: field(
    codec(
      parseIssuer,
      (issuer) => issuer,
      "expected the address of the provider, https://host/path, as its " +
        "documents name it",
    ).optional(),
    {
      placeholder: "https://host/path",
      defaultText: "none, people sign in with access keys",
      summary: "Identity provider for the page (OpenID Connect)",
      help: "Address of the identity provider at which people sign in to the " +
        "page (OpenID Connect). It needs --oidc-client-id and --oidc-groups. " +
        "Access keys work as before.",
    },
  ),
  oidcClientId: field(text().optional(), {
    placeholder: "id",
    summary: "Id of this server at the identity provider",
  }),
  oidcClientSecretFile: field(text().optional(), {
    placeholder: "path",
    defaultText: "none, for a public client",
    summary: "File with this server's secret at the provider",
    help: "File with the secret that this server has at the identity " +
      "provider. It is read at each sign-in, so the secret can be changed " +
      "while the server runs.",
  }),
  oidcScopes: field(
    many(textLike(TOKEN, TOKEN_FORM)).prefault(["profile", "email"]),
    {
      placeholder: "scope,...",
      summary: "What to ask the provider for, besides openid",
      help: "Scopes to ask the identity provider for, besides openid. " +
        "Providers that give refresh tokens only for offline_access need it " +
        "here, so that the server can ask whether a session still exists.",
    },
  ),
  oidcUserClaim: field(
    textLike(TOKEN, TOKEN_FORM).prefault("preferred_username"),
    {
      placeholder: "claim",
      summary: "Claim with the user's name",
      help: "Claim that has the name of the user on this server: 1 to 64 " +
        "letters, digits or . _ - @. A user keeps the name of the first " +
        "sign-in.",
    },
  ),
  oidcGroupsClaim: field(textLike(TOKEN, TOKEN_FORM).prefault("groups"), {
    placeholder: "claim",
    summary: "Claim with the user's groups",
    help: "Claim that has the groups of the user, as a list or as one text.",
  }),
  oidcGroups: field(many(groupRule()), {
    placeholder: "group=role/team",
    noSplit: true,
    hasTables: true,
    expectedInFile: "a list such as oidc-groups: [{ group: testers, " +
      "role: member, team: web }]",
    defaultText: "none, so nobody gets in",
    summary: "Role and team of the provider's groups",
    help: "Which groups get in, and as what: group=role, group=role/team, or " +
      "in a file tables of group, role, team and org. The first one that the " +
      "user is in counts. The group * is everybody. Repeat the option for " +
      "other groups.",
  }),
};

/** The options of the sign-in at an identity provider. */
export type OidcConfig = ConfigOf<typeof OIDC_FIELDS>;

/**
 * Checks that the options are complete together.
 *
 * @throws {ConfigError} `required`.
 */
export function checkOidc(
  { oidcIssuer, oidcClientId, oidcClientSecretFile, oidcGroups }: OidcConfig,
): void {
  const isSet = {
    "--oidc-client-id": oidcClientId !== undefined,
    "--oidc-client-secret-file": oidcClientSecretFile !== undefined,
    "--oidc-groups": oidcGroups.length > 0,
  };
  if (oidcIssuer === undefined) {
    const [lonely] = Object.entries(isSet).find(([, set]) => set) ?? [];
    if (lonely === undefined) return;
    throw incomplete(lonely, "it is about a provider, set --oidc-issuer");
  }
  if (!isSet["--oidc-client-id"]) {
    throw incomplete(
      "--oidc-issuer",
      "the provider must know this server, set --oidc-client-id",
    );
  }
  if (!isSet["--oidc-groups"]) {
    throw incomplete(
      "--oidc-issuer",
      "nobody could sign in, set --oidc-groups, such as testers=member",
    );
  }
}

function incomplete(option: string, why: string): ConfigError {
  return new ConfigError("required", `Cannot use ${option} alone: ${why}`);
}

/** The issuer as it is written: tokens name it byte by byte. Without TLS it must be on this machine. */
function parseIssuer(raw: string): string | undefined {
  const url = URL.parse(raw);
  if (url === null || url.search !== "" || url.hash !== "") return undefined;
  if (url.username !== "" || url.password !== "") return undefined;
  if (url.protocol === "https:") return raw;
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const isHere = isLocalhostName(host) ||
    isIpAddress(host) && /^(?:127\.|::1$)/.test(host);
  return url.protocol === "http:" && isHere ? raw : undefined;
}

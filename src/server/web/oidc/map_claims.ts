/** From what the provider says of somebody to a user of this server. */
import { DEFAULT_ORGANIZATION } from "../../../api/resources/account_types.ts";
import { EVERYBODY } from "../../../config/values/group_rule.ts";
import type { ExternalUser, Membership } from "../../accounts/accounts.ts";
import type { OidcOptions } from "./provider.ts";
import type { ProviderTokens } from "./provider.ts";
import { ProviderError } from "./provider_error.ts";

/** Longest group in characters; longer ones fit no rule. */
const MAX_GROUP = 1_024;

type Claims = ProviderTokens["claims"];
type Mapping = Pick<OidcOptions, "userClaim" | "groupsClaim" | "groups">;

/** Nobody in these groups gets in. */
export class NoGroupError extends ProviderError {}

/**
 * The user that the claims are about.
 *
 * @throws {NoGroupError} When no group may sign in.
 * @throws {ProviderError} When there is no usable name.
 */
export function externalUserOf(
  { identity, claims }: Pick<ProviderTokens, "identity" | "claims">,
  mapping: Mapping,
): ExternalUser {
  const membership = membershipByGroups(claims, mapping);
  return { identity, name: nameIn(claims, mapping), membership };
}

/** Role, team and organization by the first rule that fits. @throws {NoGroupError} */
export function membershipByGroups(
  claims: Claims,
  { groupsClaim, groups: rules }: Omit<Mapping, "userClaim">,
): Membership {
  const groups = groupsIn(claims[groupsClaim]);
  const rule = rules.find(({ group }) =>
    group === EVERYBODY || groups.has(group)
  );
  if (rule !== undefined) {
    const { organization = DEFAULT_ORGANIZATION, role, team } = rule;
    return { organization, role, team };
  }
  throw new NoGroupError("refused", whyNoGroup(claims, groupsClaim, groups));
}

/** The groups in a claim: a list, or one text. */
function groupsIn(value: unknown): ReadonlySet<string> {
  const list = Array.isArray(value) ? value : [value];
  return new Set(
    list.filter((each) => typeof each === "string" && each.length <= MAX_GROUP),
  );
}

function whyNoGroup(
  claims: Claims,
  claim: string,
  groups: ReadonlySet<string>,
): string {
  const start = "Cannot sign in: ";
  if (groups.size > 0) {
    return `${start}none of your groups at the identity provider may, ask ` +
      "its administrators to put you into one that --oidc-groups names";
  }
  // Entra ID names a place for the groups when there are too many of them.
  const elsewhere = Object(claims["_claim_names"]);
  if (claim in elsewhere || claims["hasgroups"] === true) {
    return `${start}you have too many groups for the identity provider to ` +
      "tell, its administrators must limit them to those of this application";
  }
  return `${start}the identity provider tells no groups of you (claim ` +
    `"${claim}"), the operator must check --oidc-groups-claim and --oidc-scopes`;
}

/** The name in the claim. @throws {ProviderError} When there is none, or nobody has proved it. */
function nameIn(claims: Claims, { userClaim }: Mapping): string {
  const name = claims[userClaim];
  if (typeof name !== "string" || name === "") {
    throw new ProviderError(
      "misconfigured",
      "Cannot sign in: the identity provider tells no name of you (claim " +
        `"${userClaim}"), the operator must check --oidc-user-claim and ` +
        "--oidc-scopes",
    );
  }
  if (userClaim === "email" && String(claims.email_verified) === "false") {
    throw new ProviderError(
      "refused",
      "Cannot sign in: your e-mail address is not verified at the identity " +
        "provider, verify it there",
    );
  }
  return name;
}

/**
 * Metrics that a server has only with certificates by ACME and with an identity
 * provider. Nothing listens at either, so no test waits for them.
 */
export const ELSEWHERE = {
  acme: {
    domains: ["lab.test"],
    directory: "https://127.0.0.1:1/",
    agreesToTerms: true,
  },
  oidc: {
    issuer: "https://127.0.0.1:1/",
    clientId: "lab",
    scopes: [],
    userClaim: "name",
    groupsClaim: "groups",
    groups: [],
  },
};

// deno-lint-ignore-file camelcase -- the names on the wire
/** Logout tokens: anybody may send one, and only the provider's count, once. */
import assert from "node:assert/strict";
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { SharedTables } from "../../../../src/server/accounts/shared_tables.ts";
import {
  LogoutTokenError,
  LogoutTokens,
} from "../../../../src/server/web/oidc/logout_tokens.ts";

const ISSUER = "https://id.test";
const CLIENT = "sallyport";
const EVENT = "http://schemas.openid.net/event/backchannel-logout";

const { privateKey, publicKey } = await generateKeyPair("ES256");
const stranger = await generateKeyPair("ES256");
const jwk = { ...await exportJWK(publicKey), kid: "k1", alg: "ES256" };

function setUp() {
  const metadata: object | undefined = {
    issuer: ISSUER,
    jwks_uri: `${ISSUER}/keys`,
  };
  const fetched: string[] = [];
  const provider = {
    metadata: metadata as object | undefined,
    options: { clientId: CLIENT },
    fetch(url: string) {
      fetched.push(url);
      return Promise.resolve(Response.json({ keys: [jwk] }));
    },
  };
  const shares = new SharedTables();
  const tokens = new LogoutTokens(provider as never, shares);
  return { tokens, fetched, provider };
}

const now = () => Math.floor(Date.now() / 1000);
let lastId = 0;

/** A token of the provider; what is given replaces what is usual. */
function token(
  claims: object = {},
  { typ = "logout+jwt", key = privateKey }: {
    readonly typ?: string | undefined;
    readonly key?: CryptoKey;
  } = {},
): Promise<string> {
  const all: Record<string, unknown> = {
    iss: ISSUER,
    aud: CLIENT,
    iat: now(),
    jti: `t${++lastId}`,
    sub: "u1",
    sid: "s1",
    events: { [EVENT]: {} },
    ...claims,
  };
  for (const [name, value] of Object.entries(all)) {
    if (value === undefined) delete all[name];
  }
  return new SignJWT(all).setProtectedHeader({
    alg: "ES256",
    kid: "k1",
    ...typ !== "" && { typ },
  }).sign(key);
}

async function refusal(text: string | Promise<string>): Promise<string> {
  const { tokens } = setUp();
  try {
    await tokens.verify(await text);
  } catch (error) {
    assert.ok(error instanceof LogoutTokenError, String(error));
    assert.equal(error.name, "LogoutTokenError");
    return error.message;
  }
  assert.fail("it counts");
}

Deno.test("a token says whose session has ended, and that later ones go on", async () => {
  const { tokens } = setUp();
  const iat = now();
  assert.deepEqual(await tokens.verify(await token({ iat })), {
    issuer: ISSUER,
    subject: "u1",
    sid: "s1",
    at: (iat + 60) * 1000,
  });
});

/** Who is named → what has ended. */
const NAMED = [
  [{ sid: undefined }, { subject: "u1", sid: undefined }],
  [{ sub: undefined }, { subject: undefined, sid: "s1" }],
  [{ sid: 7 }, { subject: "u1", sid: undefined }],
] as const;

for (const [claims, ended] of NAMED) {
  Deno.test(`a token with ${JSON.stringify(claims)} names ${JSON.stringify(ended)}`, async () => {
    const { subject, sid } = await setUp().tokens.verify(await token(claims));
    assert.deepEqual({ subject, sid }, ended);
  });
}

for (const typ of ["", "JWT", "jwt", "logout+jwt", "application/logout+jwt"]) {
  Deno.test(`a token of the type "${typ}" counts`, async () => {
    await setUp().tokens.verify(await token({}, { typ }));
  });
}

for (const typ of ["at+jwt", "secevent+jwt", "id_token", "xjwt"]) {
  Deno.test(`a token of the type "${typ}" is another one`, async () => {
    assert.equal(await refusal(token({}, { typ })), `its type is "${typ}"`);
  });
}

/** Claims → why it counts for nothing. */
const REFUSED = [
  [{ events: undefined }, /^it is about no logout$/],
  [{ events: {} }, /^it is about no logout$/],
  [{ events: { [EVENT]: null } }, /^it is about no logout$/],
  [{ events: { [EVENT]: "yes" } }, /^it is about no logout$/],
  [{ nonce: "n" }, /^it has a nonce$/],
  [
    { sub: undefined, sid: undefined },
    /^it names neither a user nor a session$/,
  ],
  [{ iss: "https://other.test" }, /^it cannot be verified: .*"iss"/],
  [{ aud: "other" }, /^it cannot be verified: .*"aud"/],
  [{ jti: undefined }, /^it cannot be verified: .*"jti"/],
  [{ iat: undefined }, /^it cannot be verified: .*"iat"/],
  [{ exp: 1 }, /^it cannot be verified: .*"exp"/],
] as const;

for (const [claims, message] of REFUSED) {
  Deno.test(`a token with ${JSON.stringify(claims)} counts for nothing`, async () => {
    assert.match(await refusal(token(claims)), message);
  });
}

/** Its age in seconds → whether it counts: five minutes, and one for the clocks. */
for (
  const [age, counts] of [[355, true], [365, false], [-55, true], [
    -70,
    false,
  ]] as const
) {
  Deno.test(`a token of ${age} s ${counts ? "counts" : "is refused"}`, async () => {
    const text = token({ iat: now() - age });
    if (counts) await setUp().tokens.verify(await text);
    else assert.match(await refusal(text), /^it cannot be verified: .*"iat"/);
  });
}

Deno.test("a token counts once, and a refused one is not used up", async () => {
  const { tokens } = setUp();
  const used = await token();
  await tokens.verify(used);
  await assert.rejects(tokens.verify(used), { message: "it was used already" });
  await tokens.verify(await token());

  await assert.rejects(tokens.verify(await token({ jti: "x", nonce: "n" })));
  await tokens.verify(await token({ jti: "x" }));
});

Deno.test("a token that somebody else has signed, or nobody, counts for nothing", async () => {
  const forged = token({}, { key: stranger.privateKey });
  assert.match(await refusal(forged), /^it cannot be verified: ./);
  const claims = { sub: "u1", events: { [EVENT]: {} }, jti: "u" };
  const bare = new UnsecuredJWT(claims).setIssuer(ISSUER)
    .setAudience(CLIENT).setIssuedAt().encode();
  assert.match(await refusal(bare), /^it cannot be verified: ./);
  const secret = new SignJWT(claims).setProtectedHeader({ alg: "HS256" })
    .setIssuer(ISSUER).setAudience(CLIENT).setIssuedAt()
    .sign(new TextEncoder().encode(JSON.stringify(jwk).padEnd(64)));
  assert.match(await refusal(secret), /^it cannot be verified: .*alg/i);
  assert.match(await refusal("nonsense"), /^it cannot be verified: ./);
});

for (const metadata of [{ issuer: ISSUER }, undefined]) {
  Deno.test(`without keys (${JSON.stringify(metadata)}) nothing is verified`, async () => {
    const { tokens, provider } = setUp();
    provider.metadata = metadata;
    await assert.rejects(tokens.verify(await token()), {
      name: "LogoutTokenError",
      message: "the keys of the provider are not known yet",
    });
  });
}

Deno.test("the keys are read once, and again when their address changes", async () => {
  const { tokens, fetched, provider } = setUp();
  await tokens.verify(await token());
  await tokens.verify(await token());
  assert.deepEqual(fetched, [`${ISSUER}/keys`]);
  provider.metadata = { issuer: ISSUER, jwks_uri: `${ISSUER}/new` };
  await tokens.verify(await token());
  assert.deepEqual(fetched, [`${ISSUER}/keys`, `${ISSUER}/new`]);
});

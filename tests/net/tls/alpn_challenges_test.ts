/** Challenges are shown to a CA that asks for them, and to nobody else. */
import assert from "node:assert/strict";
import { AcceptedConnection } from "../../../src/net/listen/accepted_connection.ts";
import { AlpnChallenges } from "../../../src/net/tls/alpn_challenges.ts";
import { createTestAuthority } from "../../testing/certs.ts";
import { within } from "../../testing/deadline.ts";

/** One client with this name and these protocols; the protocol it agreed on, and what `serve()` said. */
async function visit(
  challenges: AlpnChallenges,
  { hostname, protocols, ca }: {
    readonly hostname: string;
    readonly protocols: string[];
    readonly ca: string;
  },
): Promise<readonly [isServed: boolean, protocol: string | null | undefined]> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    const conn = new AcceptedConnection(await listener.accept(), {
      port: "proxy",
      openedAt: 0,
    });
    const buffer = new Uint8Array(8192);
    const count = await conn.read(buffer) ?? 0;
    const isServed = await challenges.serve(conn, buffer.subarray(0, count));
    conn.close();
    return isServed;
  })();
  const tcp = await Deno.connect({
    hostname: "127.0.0.1",
    port: listener.addr.port,
  });
  const tls = await Deno.startTls(tcp, {
    hostname,
    caCerts: [ca],
    alpnProtocols: protocols,
  });
  const info = await tls.handshake().catch(() => undefined);
  tls.close();
  return [await within(serving, "the visit to end"), info?.alpnProtocol];
}

async function setUp() {
  const authority = await createTestAuthority();
  const { cert, key } = await authority.issue(["lab.test"]);
  const base64 = cert.replaceAll(/-----[^-]+-----|\s/g, "");
  const shown = { certificate: Uint8Array.fromBase64(base64), keyPem: key };
  const challenges = new AlpnChallenges();
  const client = {
    hostname: "lab.test",
    protocols: ["acme-tls/1"],
    ca: authority.ca,
  };
  return { challenges, shown, client };
}

Deno.test("a CA sees the certificate while it is published, and not after", async () => {
  const { challenges, shown, client } = await setUp();
  assert.deepEqual(await visit(challenges, client), [false, undefined]);
  {
    using _published = challenges.publish("lab.test", shown);
    assert.deepEqual(await visit(challenges, client), [true, "acme-tls/1"]);
  }
  assert.deepEqual(await visit(challenges, client), [false, undefined]);
});

Deno.test("a challenge that ends leaves those of other names", async () => {
  const { challenges, shown, client } = await setUp();
  using _lab = challenges.publish("lab.test", shown);
  challenges.publish("other.test", shown)[Symbol.dispose]();
  assert.deepEqual(await visit(challenges, client), [true, "acme-tls/1"]);
});

/** Who does not get it → what they ask for. */
const OTHERS = {
  "a browser": { protocols: ["h2", "http/1.1"] },
  "a client without protocols": { protocols: [] },
  "a client that offers another protocol too": {
    protocols: ["acme-tls/1", "h2"],
  },
  "a CA that asks for another name": { hostname: "other.test" },
  "a CA that asks for an address": { hostname: "127.0.0.1" },
} as const;

for (const [who, asked] of Object.entries(OTHERS)) {
  Deno.test(`${who} does not see a challenge`, async () => {
    const { challenges, shown, client } = await setUp();
    using _published = challenges.publish("lab.test", shown);
    assert.deepEqual(await visit(challenges, client), [true, "acme-tls/1"]);

    const wanted = { ...client, ...asked };
    const protocols = [...wanted.protocols];

    assert.deepEqual(
      await visit(challenges, { ...wanted, protocols }),
      [false, undefined],
    );
  });
}

Deno.test("bytes that cannot be a hello are not served", async () => {
  const { challenges, shown } = await setUp();
  using _published = challenges.publish("lab.test", shown);
  const conn = {} as AcceptedConnection;
  for (const record of [[], [22, 3, 1, 0, 1, 2], [71, 69, 84, 32, 47]]) {
    assert.equal(await challenges.serve(conn, new Uint8Array(record)), false);
  }
});

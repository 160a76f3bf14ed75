/**
 * What a capture of TLS 1.3 says to somebody who has the key log: the part of
 * Wireshark that `SSLKEYLOGFILE` is for.
 *
 * @module
 */
import { createDecipheriv, createHmac } from "node:crypto";
import { concat, writeAll } from "./byte_scanner.ts";
import { TcpServer } from "./tcp_server.ts";

/** Both directions of one connection, as they went over the wire. */
export interface CapturedConnection {
  readonly sent: readonly Uint8Array[];
  readonly received: readonly Uint8Array[];
}

/** A port that leads to another one and keeps all that passes. */
export class CapturingRelay implements AsyncDisposable {
  readonly connections: CapturedConnection[] = [];
  readonly #server: TcpServer;

  /** @param port Of this machine. */
  constructor(port: number) {
    this.#server = new TcpServer(async (near) => {
      const far = await Deno.connect({ hostname: "127.0.0.1", port });
      const kept = { sent: [], received: [] };
      this.connections.push(kept);
      try {
        await Promise.all([
          carry(near, far, kept.sent),
          carry(far, near, kept.received),
        ]);
      } finally {
        far.close();
      }
    });
  }

  get port(): number {
    return this.#server.port;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server[Symbol.asyncDispose]();
  }
}

async function carry(
  from: Deno.Conn,
  to: Deno.Conn,
  keep: Uint8Array[],
): Promise<void> {
  const buffer = new Uint8Array(65_536);
  for (
    let count = await from.read(buffer);
    count !== null;
    count = await from.read(buffer)
  ) {
    keep.push(buffer.slice(0, count));
    await writeAll(to, buffer.subarray(0, count));
  }
  await to.closeWrite();
}

/**
 * Both directions as text whose characters are bytes.
 *
 * @param keyLog The text of the key log (draft-ietf-tls-keylogfile).
 * @throws When it has no keys for this connection, or others.
 */
export function decrypt(
  { sent, received }: CapturedConnection,
  keyLog: string,
): { readonly sent: string; readonly received: string } {
  const clientRecords = recordsIn(concat([...sent]));
  const serverRecords = recordsIn(concat([...received]));
  const hello = clientRecords[0]?.content ?? new Uint8Array();
  const answer = serverRecords[0]?.content ?? new Uint8Array();
  // Type and length of the message and the version stand before the random.
  const random = hex(hello.subarray(6, 38));
  const suite = suiteIn(answer);
  const text = (side: string, records: readonly TlsRecord[]) => {
    const line = new RegExp(`^${side}_TRAFFIC_SECRET_0 ${random} (\\w+)$`, "m");
    const [, secret] = line.exec(keyLog) ?? [];
    if (secret === undefined) throw new Error(`No keys of ${side} ${random}`);
    return contentOf(records, keysOf(Uint8Array.fromHex(secret), suite));
  };
  return {
    sent: text("CLIENT", clientRecords),
    received: text("SERVER", serverRecords),
  };
}

interface TlsRecord {
  readonly type: number;
  readonly header: Uint8Array;
  readonly content: Uint8Array;
}

/** Encrypted records have this type, and so has their content when it is data (RFC 8446 §5.1). */
const APPLICATION_DATA = 23;
const TAG = 16;

function recordsIn(bytes: Uint8Array): readonly TlsRecord[] {
  const records: TlsRecord[] = [];
  for (let at = 0; at + 5 <= bytes.length;) {
    const header = bytes.subarray(at, at + 5);
    const [type = 0, , , high = 0, low = 0] = header;
    const end = at + 5 + high * 256 + low;
    // The capture may end within a record.
    if (end > bytes.length) break;
    records.push({ type, header, content: bytes.subarray(at + 5, end) });
    at = end;
  }
  return records;
}

interface Suite {
  readonly cipher: "aes-128-gcm" | "aes-256-gcm" | "chacha20-poly1305";
  readonly hash: "sha256" | "sha384";
  readonly keyLength: number;
}

/** RFC 8446 §B.4. */
const SUITES: ReadonlyMap<number, Suite> = new Map([
  [0x1301, { cipher: "aes-128-gcm", hash: "sha256", keyLength: 16 }],
  [0x1302, { cipher: "aes-256-gcm", hash: "sha384", keyLength: 32 }],
  [0x1303, { cipher: "chacha20-poly1305", hash: "sha256", keyLength: 32 }],
]);

/** The suite in a ServerHello, behind random and session id. */
function suiteIn(hello: Uint8Array): Suite {
  const at = 39 + (hello[38] ?? 0);
  const number = (hello[at] ?? 0) * 256 + (hello[at + 1] ?? 0);
  const suite = SUITES.get(number);
  if (suite === undefined) throw new Error(`Not of TLS 1.3: suite ${number}`);
  return suite;
}

interface Keys {
  readonly suite: Suite;
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
}

function keysOf(secret: Uint8Array, suite: Suite): Keys {
  return {
    suite,
    key: expand(secret, { suite, label: "key", length: suite.keyLength }),
    iv: expand(secret, { suite, label: "iv", length: 12 }),
  };
}

/** HKDF-Expand-Label for what fits into one hash (RFC 8446 §7.1). */
function expand(
  secret: Uint8Array,
  { suite, label, length }: {
    readonly suite: Suite;
    readonly label: string;
    readonly length: number;
  },
): Uint8Array {
  const name = new TextEncoder().encode(`tls13 ${label}`);
  return createHmac(suite.hash, secret)
    .update(Uint8Array.of(0, length, name.length, ...name, 0, 1))
    .digest().subarray(0, length);
}

/** The data in the records; those before it are of the handshake, which has other keys. */
function contentOf(records: readonly TlsRecord[], keys: Keys): string {
  let text = "";
  let sequence = 0;
  for (const record of records) {
    if (record.type !== APPLICATION_DATA) continue;
    const inner = open(record, keys, sequence);
    if (inner === undefined) {
      if (sequence > 0) throw new Error(`Cannot open record ${sequence}`);
      continue;
    }
    sequence++;
    let end = inner.length - 1;
    while (inner[end] === 0) end--;
    if (inner[end] !== APPLICATION_DATA) continue;
    for (const byte of inner.subarray(0, end)) {
      text += String.fromCharCode(byte);
    }
  }
  return text;
}

function open(
  { header, content }: TlsRecord,
  { suite, key, iv }: Keys,
  sequence: number,
): Uint8Array | undefined {
  const nonce = Uint8Array.from(iv);
  // Only the last four bytes: no test sends more records than they can count.
  const view = new DataView(nonce.buffer);
  view.setUint32(8, (view.getUint32(8) ^ sequence) >>> 0);
  const options = { authTagLength: TAG } as const;
  const decipher = suite.cipher === "chacha20-poly1305"
    ? createDecipheriv(suite.cipher, key, nonce, options)
    : createDecipheriv(suite.cipher, key, nonce, options);
  decipher.setAAD(header, { plaintextLength: content.length - TAG });
  decipher.setAuthTag(content.subarray(-TAG));
  try {
    return concat([
      decipher.update(content.subarray(0, -TAG)),
      decipher.final(),
    ]);
  } catch {
    // The tag is another's.
    return undefined;
  }
}

function hex(bytes: Uint8Array): string {
  return bytes.toHex();
}

/**
 * A DNS server on loopback, over UDP and TCP, that says what a test wants.
 *
 * @module
 */
import { createSocket, type Socket } from "node:dgram";
import type { Address } from "../../src/net/address/address.ts";
import { ByteScanner, concat, writeAll } from "./byte_scanner.ts";
import { TcpServer } from "./tcp_server.ts";

/** A query that a server gets. */
export interface DnsQuestion {
  /** As it was written. */
  readonly name: string;
  readonly type: DnsRecordType;
  readonly transport: "udp" | "tcp";
}

/** The kinds of records that it knows. */
export type DnsRecordType = "A" | "AAAA" | "CNAME";

/** A record; its data are an address or a name. */
export interface DnsRecord {
  readonly name: string;
  readonly type: DnsRecordType;
  readonly data: string;
}

/** What it says: records, an error, that the reply is cut off, or nothing at all. */
export type DnsSaying =
  | { readonly records: readonly DnsRecord[] }
  | { readonly code: "noSuchName" | "failed" | "refused" }
  | { readonly bytes: (reply: Uint8Array) => readonly Uint8Array[] }
  | "truncated"
  | "silence";

/** A running server. */
export interface DnsServer extends AsyncDisposable {
  readonly address: Address;
  /** The queries it got: `A shop.test`, `A shop.test over tcp`. */
  readonly questions: readonly string[];
}

const TYPES: Readonly<Record<DnsRecordType, number>> = {
  A: 1,
  CNAME: 5,
  AAAA: 28,
};
const CODES = { noSuchName: 3, failed: 2, refused: 5 } as const;

/** Starts a server that replies to each query with what `say` returns for it. */
export async function startDnsServer(
  say: (question: DnsQuestion) => DnsSaying,
): Promise<DnsServer> {
  const questions: string[] = [];
  function replies(
    query: Uint8Array,
    transport: DnsQuestion["transport"],
  ): readonly Uint8Array[] {
    const question = readQuestion(query, transport);
    const over = transport === "tcp" ? " over tcp" : "";
    questions.push(`${question.type} ${question.name}${over}`);
    return writeReplies(query, say(question));
  }

  const tcp = new TcpServer(async (conn) => {
    const scanner = new ByteScanner(conn);
    for (;;) {
      const head = await scanner.readExactly(2);
      const query = await scanner.readExactly(uint16At(head, 0));
      for (const reply of replies(query, "tcp")) {
        await writeAll(conn, concat([uint16(reply.length), reply]));
      }
    }
  });
  const udp = createSocket("udp4");
  udp.on("message", (query, { port, address }) => {
    for (const reply of replies(query, "udp")) udp.send(reply, port, address);
  });
  const address = { hostname: "127.0.0.1", port: tcp.port };
  try {
    await bind(udp, address);
  } catch {
    // Another program has this port for datagrams: another one will be free.
    udp.close();
    await tcp[Symbol.asyncDispose]();
    return await startDnsServer(say);
  }
  return {
    address,
    questions,
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => udp.close(() => resolve()));
      await tcp[Symbol.asyncDispose]();
    },
  };
}

/** Says the addresses of names, and of all others that they do not exist. */
export function zone(
  names: Readonly<Record<string, readonly string[]>>,
): (question: DnsQuestion) => DnsSaying {
  return ({ name, type }) => {
    const addresses = names[name];
    if (addresses === undefined) return { code: "noSuchName" };
    return {
      records: addresses
        .filter((ip) => ip.includes(":") === (type === "AAAA"))
        .map((data) => ({ name, type, data })),
    };
  };
}

function bind(socket: Socket, { hostname, port }: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(port, hostname, resolve);
  });
}

function readQuestion(
  query: Uint8Array,
  transport: DnsQuestion["transport"],
): DnsQuestion {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at]; length; length = query[at]) {
    labels.push(
      new TextDecoder().decode(query.subarray(at + 1, at + 1 + length)),
    );
    at += 1 + length;
  }
  const type = uint16At(query, at + 1) === TYPES.AAAA ? "AAAA" : "A";
  return { name: labels.join("."), type, transport };
}

function writeReplies(
  query: Uint8Array,
  saying: DnsSaying,
): readonly Uint8Array[] {
  if (saying === "silence") return [];
  if (saying === "truncated") return [reply(query, { flags: 0x0200 })];
  if ("code" in saying) return [reply(query, { flags: CODES[saying.code] })];
  if ("bytes" in saying) return saying.bytes(reply(query, {}));
  return [reply(query, saying)];
}

function reply(
  query: Uint8Array,
  { flags = 0, records = [] }: {
    readonly flags?: number;
    readonly records?: readonly DnsRecord[];
  },
): Uint8Array {
  return concat([
    query.subarray(0, 2),
    // A reply, recursion wanted and available.
    ...[0x8180 | flags, 1, records.length, 0, 0].map(uint16),
    query.subarray(12),
    ...records.map(writeRecord),
  ]);
}

function writeRecord({ name, type, data }: DnsRecord): Uint8Array {
  const bytes = type === "CNAME" ? writeName(data) : writeAddress(data);
  return concat([
    writeName(name),
    ...[TYPES[type], 1, 0, 60, bytes.length].map(uint16),
    bytes,
  ]);
}

function writeName(name: string): Uint8Array {
  const labels = name.split(".").map((label) =>
    new TextEncoder().encode(label)
  );
  return concat([
    ...labels.flatMap((label) => [Uint8Array.of(label.length), label]),
    Uint8Array.of(0),
  ]);
}

/** IPv6 is written out in the tests: eight groups. */
function writeAddress(ip: string): Uint8Array {
  if (!ip.includes(":")) return Uint8Array.from(ip.split("."), Number);
  return concat(ip.split(":").map((group) => uint16(parseInt(group, 16))));
}

function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}

function uint16At(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint16(at);
}

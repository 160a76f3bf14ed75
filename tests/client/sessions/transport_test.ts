/** @module */
import assert from "node:assert/strict";
import { Transports } from "../../../src/client/sessions/transport.ts";
import { DialError } from "../../../src/net/dial_error.ts";
import type { ByteStream } from "../../../src/net/stream/byte_stream.ts";
import { streamPair } from "../../../src/net/stream/stream_pair.ts";
import { TunnelError } from "../../../src/tunnel/errors.ts";
import type {
  TransportChoice,
  TunnelTransport,
} from "../../../src/tunnel/upgrade.ts";
import { bytesOf, textOf } from "../../testing/byte_scanner.ts";
import { recordLog } from "../../testing/event_log.ts";

const NEVER = new AbortController().signal;

/** What comes of an attempt: bytes that the server sends, or an error. */
type Outcome = string | Error;

const BLOCKED = new TunnelError("notSallyport", "status 403");
const LOST = new TunnelError("lost", "cut", { retryable: true });
const REFUSED = new TunnelError("refused", "the token is wrong");

interface World {
  readonly transports: Transports;
  /** The transports that were tried. */
  readonly tried: TunnelTransport[];
}

/** A network where each attempt has the next outcome of its transport; the last one stays. */
function world(
  outcomes: Readonly<Record<TunnelTransport, Outcome[]>>,
  choice: TransportChoice = "auto",
): World {
  const tried: TunnelTransport[] = [];
  const transports = new Transports({
    choice,
    timeout: 1_000,
    open(transport) {
      tried.push(transport);
      const list = outcomes[transport];
      const outcome = list.length > 1 ? list.shift() : list[0];
      if (typeof outcome === "string") return Promise.resolve(server(outcome));
      return Promise.reject(outcome);
    },
  });
  return { transports, tried };
}

/** A server that says `text` at once, and ends where it says nothing. */
function server(text: string): ByteStream {
  const [own, far] = streamPair();
  if (text === "") void own.closeWrite();
  else void own.write(bytesOf(text)).catch(() => {});
  return far;
}

async function firstOf(stream: ByteStream): Promise<string> {
  const into = new Uint8Array(10);
  return textOf(into.subarray(0, await stream.read(into) ?? 0));
}

Deno.test("auto takes the direct transport where it passes, and loses no byte", async () => {
  const { transports, tried } = world({ direct: ["PRI"], websocket: [] });

  assert.equal(await firstOf(await transports.open(NEVER)), "PRI");
  assert.deepEqual(tried, ["direct"]);
});

for (
  const [what, outcome] of [
    ["is refused by a middlebox", BLOCKED],
    ["is cut", LOST],
    ["passes, and nothing that follows", ""],
  ] as const
) {
  Deno.test(`auto takes a WebSocket where the direct Upgrade ${what}, and keeps to it`, async () => {
    await using log = await recordLog();
    const { transports, tried } = world({
      direct: [outcome],
      websocket: ["PRI"],
    });

    assert.equal(await firstOf(await transports.open(NEVER)), "PRI");
    await transports.open(NEVER);
    await transports.open(NEVER);

    assert.deepEqual(tried, ["direct", "websocket", "websocket", "websocket"]);
    const lines = log.matching("transport of the tunnel");
    assert.equal(lines.length, 1);
    assert.equal(lines[0]?.fields["transport"], "websocket");
  });
}

Deno.test("auto gives up no transport that has worked because a connection was cut", async () => {
  const { transports, tried } = world({
    direct: ["PRI", LOST],
    websocket: ["PRI"],
  });
  await transports.open(NEVER);

  await assert.rejects(transports.open(NEVER), { code: "lost" });
  assert.deepEqual(tried, ["direct", "direct"]);
});

Deno.test("auto looks again when the network does not pass any more what it passed", async () => {
  const { transports, tried } = world({
    direct: [BLOCKED, "PRI"],
    websocket: ["PRI", BLOCKED],
  });
  await transports.open(NEVER);

  await transports.open(NEVER);

  assert.deepEqual(tried, ["direct", "websocket", "websocket", "direct"]);
});

Deno.test("auto tries no other transport after a refusal of the server, or without a connection", async () => {
  for (const cause of [REFUSED, new DialError("timedOut", "too late")]) {
    const { transports, tried } = world({
      direct: [cause],
      websocket: ["PRI"],
    });

    await assert.rejects(transports.open(NEVER), cause);
    assert.deepEqual(tried, ["direct"]);
  }
});

Deno.test("auto says what the server says when only a WebSocket reaches it", async () => {
  const { transports } = world({ direct: [BLOCKED], websocket: [REFUSED] });

  await assert.rejects(transports.open(NEVER), REFUSED);
});

Deno.test("auto says why the direct transport failed when both do", async () => {
  const { transports } = world({ direct: [BLOCKED], websocket: [LOST] });

  await assert.rejects(transports.open(NEVER), BLOCKED);
});

for (const choice of ["direct", "websocket"] as const) {
  Deno.test(`${choice} tries nothing else`, async () => {
    const { transports, tried } = world(
      { direct: [BLOCKED], websocket: [BLOCKED] },
      choice,
    );

    await assert.rejects(transports.open(NEVER), BLOCKED);
    assert.deepEqual(tried, [choice]);
  });
}

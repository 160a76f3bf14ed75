/*
 * What plugins see of an exchange, one after the other. And: any edits of several plugins, in this process or in workers, give the site and
 * the browser what a model says that knows nothing of plugins.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import type {
  Body,
  Handler,
  ProxyRequest,
  ProxyResponse,
} from "../../../src/http/exchange.ts";
import {
  answerText,
  contextOf,
  echo,
  requestOf,
  responseOf,
} from "../exchanges.ts";
import { type Started, started, TRUSTED } from "../started.ts";

/** One edit, of a request or of a response. */
type Edit =
  | readonly ["set" | "append", name: string, value: string]
  | readonly ["delete", name: string]
  | readonly ["replace", lines: readonly (readonly [string, string])[]]
  | readonly ["method" | "path" | "host", text: string]
  | readonly ["status", status: number]
  | readonly ["text" | "bytes" | "stream" | "upper" | "read", text: string]
  | readonly ["drop"]
  | readonly ["answer", status: number, text: string];

/** A plugin that makes the edits of its header field, whose steps a list has. */
const SOURCE = `
const UPPER = () => new TransformStream({ transform(chunk, out) {
  out.enqueue(chunk.map((byte) => byte >= 97 && byte <= 122 ? byte - 32 : byte));
} });
async function edit(message, steps) {
  for (const [kind, ...args] of steps) {
    const [first, second] = args;
    if (kind === "set") message.headers.set(first, second);
    if (kind === "append") message.headers.append(first, second);
    if (kind === "delete") message.headers.delete(first);
    if (kind === "replace") message.headers = first;
    if (kind === "method") message.method = first;
    if (kind === "path") message.url.pathname = first;
    if (kind === "host") message.url.host = first;
    if (kind === "status") message.status = first;
    if (kind === "text") message.body = first;
    if (kind === "bytes") message.body = new TextEncoder().encode(first);
    if (kind === "stream") message.body = new Blob([first]).stream();
    if (kind === "upper" && message.body !== null) message.body = message.body.pipeThrough(UPPER());
    if (kind === "read") await message.text();
    if (kind === "drop") message.body = null;
    if (kind === "answer") return new Response(second, { status: first });
  }
}
export default {
  request: (request, { name, original }) =>
    edit(request, plan(original, name).request),
  response: (response, { name, original }) =>
    edit(response, plan(original, name).response),
};
function plan({ url }, name) {
  return JSON.parse(url.searchParams.get("plan"))[name];
}`;

/** What one plugin does to one exchange. */
interface Plan {
  readonly request: readonly Edit[];
  readonly response: readonly Edit[];
}

/** A message as the model has it. */
interface Message {
  method: string;
  host: string;
  target: string;
  status: number;
  lines: (readonly [string, string])[];
  body: string | undefined;
  /** Whether its length is known. */
  isSized: boolean;
}

const NAMES = ["a", "b", "c"] as const;

const field = fc.constantFrom("X-A", "x-a", "X-B", "Cookie", "Accept");
const value = fc.constantFrom("1", "two", "3, 4", "ü");
const text = fc.constantFrom("", "hello", "x".repeat(70_000));

const anyEdit: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(fc.constantFrom("set" as const, "append" as const), field, value),
  fc.tuple(fc.constant("delete" as const), field),
  fc.tuple(
    fc.constant("replace" as const),
    fc.array(fc.tuple(field, value), { maxLength: 3 }),
  ),
  fc.tuple(
    fc.constantFrom("text" as const, "bytes" as const, "stream" as const),
    text,
  ),
  fc.tuple(fc.constantFrom("upper" as const, "read" as const), fc.constant("")),
  fc.tuple(fc.constant("drop" as const)),
);

const requestEdit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 3, arbitrary: anyEdit },
  fc.tuple(fc.constant("method" as const), fc.constantFrom("PUT", "PATCH")),
  fc.tuple(fc.constant("path" as const), fc.constantFrom("/p", "/a%2fb")),
  fc.tuple(
    fc.constant("host" as const),
    fc.constantFrom("b.test", "c.test:81"),
  ),
);

const responseEdit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 3, arbitrary: anyEdit },
  fc.tuple(fc.constant("status" as const), fc.constantFrom(201, 404)),
);

const answer = fc.option(
  fc.tuple(fc.constant("answer" as const), fc.constantFrom(200, 418), text),
  { freq: 6 },
);

/** A list that a plugin can carry out: one stream at most, and nothing read after it. */
function steps(edit: fc.Arbitrary<Edit>): fc.Arbitrary<readonly Edit[]> {
  return fc.tuple(fc.array(edit, { maxLength: 4 }), answer).map(
    ([edits, last]) => {
      const list = [...edits, ...last === null ? [] : [last]];
      const at = list.findIndex(([kind]) => isStream(kind));
      return list.filter(([kind], index) =>
        at < 0 || index <= at || !isOfBody(kind)
      );
    },
  );
}

function isStream(kind: string): boolean {
  return kind === "stream" || kind === "upper";
}

function isOfBody(kind: string): boolean {
  return isStream(kind) ||
    ["text", "bytes", "read", "drop", "answer"].includes(kind);
}

const anyPlan: fc.Arbitrary<Plan> = fc.record({
  request: steps(requestEdit),
  response: steps(responseEdit),
});

/** Carries out a list. Returns the response of the plugin, if it makes one. */
function apply(message: Message, list: readonly Edit[]): Message | undefined {
  for (const [kind, ...args] of list) {
    const [first, second] = args as unknown as readonly [never, never];
    switch (kind) {
      case "set":
      case "append":
      case "delete":
        editLines(message, kind, first, second);
        break;
      case "replace":
        message.lines = [
          ...first as readonly (readonly [string, string])[],
          ...message.lines.filter(([name]) => name === "Content-Length"),
        ];
        break;
      case "method":
        message.method = first;
        break;
      case "host":
        message.host = movedTo(first, message.host);
        break;
      case "path":
        message.target = message.target.replace(/^[^?]*/, first);
        break;
      case "status":
        message.status = first;
        break;
      case "answer":
        return answered(first, second);
      default:
        editBody(message, kind, first);
    }
  }
  return undefined;
}

/** As the standard of URLs has it: a host without a port keeps the old one. */
function movedTo(host: string, before: string): string {
  const [, port = ""] = /(:\d+)$/.exec(before) ?? [];
  return host.includes(":") ? host : host + port;
}

function editLines(
  message: Message,
  kind: "set" | "append" | "delete",
  name: string,
  value: string,
): void {
  const isIt = (line: readonly [string, string]): boolean =>
    line[0].toLowerCase() === name.toLowerCase();
  const at = message.lines.findIndex(isIt);
  if (kind === "append" || kind === "set" && at < 0) {
    message.lines.push([name, value]);
  } else if (kind === "delete") {
    message.lines = message.lines.filter((line) => !isIt(line));
  } else {
    message.lines = message.lines.flatMap((line, index) =>
      index === at ? [[line[0], value] as const] : isIt(line) ? [] : [line]
    );
  }
}

function editBody(message: Message, kind: string, text: string): void {
  if (kind === "read") return;
  if (kind === "upper") {
    if (message.body === undefined) return;
    message.body = message.body.toUpperCase();
    message.isSized = false;
    return;
  }
  message.body = kind === "drop" || text === "" && kind !== "stream"
    ? undefined
    : text;
  message.isSized = kind !== "stream";
}

function answered(status: number, body: string): Message {
  const lines = [["content-type", "text/plain;charset=UTF-8"]] as const;
  return {
    ...{ method: "", host: "", target: "", status },
    ...{ lines: [...lines], body, isSized: false },
  };
}

/** What can be seen of a message; content is what a peer gets of it. */
function seen(
  { lines, body, isSized, ...head }:
    & Pick<Message, "lines" | "body" | "isSized">
    & Partial<Message>,
): unknown {
  const others = lines.filter(([name]) =>
    name.toLowerCase() !== "content-length"
  );
  const length = isSized ? Buffer.byteLength(body ?? "") : undefined;
  return { ...head, lines: others, body: body ?? "", length };
}

/** What the site and the browser see, by the model. */
function expected(
  plans: readonly Plan[],
  { request, response }: Exchange,
): readonly unknown[] {
  let own: Message | undefined;
  for (const { request: edits } of plans) own ??= apply(request, edits);
  let last = own ?? response;
  for (const { response: edits } of plans) last = apply(last, edits) ?? last;
  const { method, host, target, ...page } = last;
  void [method, host, target];
  const { status, ...asked } = request;
  void status;
  return [own === undefined ? seen(asked) : undefined, seen(page)];
}

/** What the site and the browser see of the plugins. */
async function actual(
  { plugins }: Started,
  { request, response }: Exchange,
): Promise<readonly unknown[]> {
  let asked: unknown;
  const site: Handler = async (sent) => {
    asked = await seenOf(sent);
    return responseOf(response.body, {
      status: response.status,
      fields: response.lines.flat(),
    });
  };
  const given = requestOf(`http://${request.host}${request.target}`, {
    method: request.method,
    fields: request.lines.flat(),
    body: request.body === undefined
      ? undefined
      : responseOf(request.body).body,
  });
  const page = await plugins.intercept(site)(given, contextOf());
  return [asked, await seenOf(page)];
}

async function seenOf(message: ProxyRequest | ProxyResponse): Promise<unknown> {
  if (message.kind === "stream" || message.kind === "connect") return undefined;
  if (message.kind === "upgrade") return undefined;
  const { fields, body } = message;
  const length = fields.get("content-length");
  const text = body === undefined ? "" : await allOf(body);
  const head = message.kind === "request"
    ? {
      method: message.method,
      host: message.authority,
      target: message.path,
    }
    : { status: message.status };
  const lines = [...fields].filter(([name]) =>
    name.toLowerCase() !== "content-length"
  );
  return {
    ...{ ...head, lines, body: text },
    length: length === undefined ? undefined : Number(length),
  };
}

async function allOf(body: Body): Promise<string> {
  const pieces: Uint8Array[] = [];
  for (;;) {
    const piece = new Uint8Array(10_000);
    const count = await body.read(piece);
    if (count === null) return Buffer.concat(pieces).toString();
    pieces.push(piece.subarray(0, count));
  }
}

interface Exchange {
  readonly request: Message;
  readonly response: Message;
}

/** The request and the response before all edits. */
function exchangeOf(
  plans: readonly Plan[],
  bodies: readonly (string | undefined)[],
): Exchange {
  const named = Object.fromEntries(
    plans.map((plan, at) => [NAMES[at], plan] as const),
  );
  const [request, response] = bodies.map((body) => ({
    ...{ method: "POST", host: "a.test", status: 200, body, isSized: true },
    target: `/?plan=${encodeURIComponent(JSON.stringify(named))}`,
    lines: [
      ["Cookie", "1"] as const,
      ["X-a", "2"] as const,
      ["COOKIE", "3"] as const,
      ["Content-Length", String(body?.length ?? 0)] as const,
    ],
  }));
  assert.ok(request !== undefined && response !== undefined);
  return { request, response };
}

Deno.test("any edits of several plugins, trusted or not, give what the model says", async () => {
  await using world = await started(
    Object.fromEntries(NAMES.map((name) => [`${name}.js`, SOURCE])),
    {
      permissions: [{ plugin: "a", permissions: "trusted" }, {
        plugin: "c",
        permissions: "trusted",
      }],
    },
  );
  const body = fc.constantFrom(undefined, "small", "y".repeat(70_000));

  await fc.assert(
    fc.asyncProperty(
      fc.tuple(anyPlan, anyPlan, anyPlan),
      fc.tuple(body, body),
      async (plans, bodies) => {
        assert.deepEqual(
          await actual(world, exchangeOf(plans, bodies)),
          expected(plans, exchangeOf(plans, bodies)),
        );
      },
    ),
    { numRuns: 200 },
  );
});

for (const permissions of [TRUSTED, []]) {
  const place = permissions === TRUSTED ? "trusted" : "sandboxed";

  Deno.test(`response sees the request as its plugin left it, also when another one responds (${place})`, async () => {
    const leaving = (word: string) =>
      `export default {
        request({ url, headers }) {
          url.pathname += "${word}";
          headers.set("X", (headers.get("x") ?? "") + "${word}");
          if (url.searchParams.get("by") === "${word}") return new Response("own");
        },
        response(r, { request: { url, headers, body }, original }) {
          r.headers.append("Seen", ["${word}", url.pathname, headers.get("x"),
            original.url.pathname, body === null].join(" "));
        },
      };`;
    await using world = await started({
      "a.js": leaving("a"),
      "b.js": leaving("b"),
      "c.js": leaving("c"),
    }, { permissions });
    const ask = async (url: string): Promise<readonly string[]> => {
      const response = await world.plugins.intercept(echo)(
        requestOf(url),
        contextOf(),
      );
      await answerText(response);
      return response.fields.getAll("seen");
    };

    assert.deepEqual(await ask("http://a.test/"), [
      "a /a a / true",
      "b /ab ab / true",
      "c /abc abc / true",
    ]);
    // The one that responds has changed nothing.
    assert.deepEqual(await ask("http://a.test/?by=b"), [
      "a /a a / true",
      "b /a a / true",
      "c /a a / true",
    ]);
  });

  Deno.test(`state is for one request and one plugin, and gone afterwards (${place})`, async () => {
    const plugin = `export default {
      request({ headers }, { state, name }) {
        state.count = (state.count ?? 0) + 1;
        state.of = name;
        state.call = () => "called";
      },
      response({ headers }, { state }) {
        headers.append("Seen", [state.count, state.of, state.call?.()].join());
      },
    };`;
    await using world = await started({ "a.js": plugin, "b.js": plugin }, {
      permissions,
    });

    for (let round = 0; round < 3; round += 1) {
      const response = await world.plugins.intercept(echo)(
        requestOf("http://a.test/"),
        contextOf(),
      );
      await answerText(response);

      assert.deepEqual(response.fields.getAll("seen"), [
        "1,a,called",
        "1,b,called",
      ]);
    }
  });
}

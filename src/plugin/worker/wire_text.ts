/*
 * The messages of each request as text: calls of hooks, what these have decided,
 * and what goes with content. Text crosses to a worker for a fraction of what
 * objects cost.
 */
import type { RpcCodec, RpcOutgoing } from "../../async/rpc.ts";
import type { RequestData } from "../results/outcomes.ts";
import type {
  ExchangeSubject,
  HookReply,
  ProgramFunctions,
  WorkerFunctions,
} from "./protocol.ts";

// Taken before a plugin is loaded: it may replace the global one.
const { parse, stringify } = JSON;

/** JSON has no `undefined`. */
type Item = string | number | boolean | null | undefined;

const REQUEST = "request";
const RESPONSE = "response";
const REPLY = "reply";
const CALL = "call";
const DONE = "done";
const CANCEL = "cancel";

/** Calls whose arguments are numbers, texts and plain objects. */
const PLAIN_CALLS: ReadonlySet<unknown> = new Set<
  keyof (WorkerFunctions & ProgramFunctions)
>(["connect", "end", "forget", "ping", "read", "resolve", "stop", "want"]);

/** Both ends use it. What a worker sends is not checked here. */
export const WIRE_TEXT: RpcCodec = {
  encode(message) {
    const { kind, id, name } = message;
    if (kind === "result") return encodeResult(message);
    if (kind === CANCEL) return stringify([CANCEL, id]);
    if (kind !== CALL) return undefined;
    if (name === REQUEST) return encodeRequest(message);
    if (name === RESPONSE) return encodeResponse(message);
    if (!PLAIN_CALLS.has(name)) return undefined;
    return stringify([CALL, id, name, message["args"]]);
  },
  decode(text) {
    const list: unknown = parse(text);
    if (!Array.isArray(list)) throw new TypeError("A message is no list");
    switch (list[0]) {
      case REQUEST:
        return decodeRequest(list);
      case RESPONSE:
        return decodeResponse(list);
      case CALL: {
        const [, id, name, args] = list;
        if (!PLAIN_CALLS.has(name) || !Array.isArray(args)) break;
        // The last argument may be left out, and JSON has no word for that.
        const given = args.map((each) => each ?? undefined);
        return { kind: CALL, id, name, args: given };
      }
      case DONE:
        return { kind: "result", id: list[1], value: list[2] };
      case CANCEL:
        return { kind: CANCEL, id: list[1] };
      case REPLY: {
        const [, id, hasState, outcome = undefined] = list;
        return { kind: "result", id, value: { outcome, hasState } };
      }
    }
    throw new TypeError("A message has an unknown kind");
  },
};

function encodeResult({ id, value }: RpcOutgoing): string | undefined {
  if (value === undefined) return stringify([DONE, id]);
  if (isAddresses(value)) return stringify([DONE, id, value]);
  if (!isHookReply(value)) return undefined;
  const { outcome, hasState } = value;
  if (outcome === undefined) return stringify([REPLY, id, hasState]);
  const hasBytes = outcome.kind !== "abort" && outcome.body?.kind === "bytes";
  return hasBytes ? undefined : stringify([REPLY, id, hasState, outcome]);
}

/** What `resolve` finds. */
function isAddresses(value: unknown): boolean {
  return Array.isArray(value) &&
    value.every((each) => typeof each === "string");
}

function isHookReply(value: unknown): value is HookReply {
  return typeof value === "object" && value !== null && "outcome" in value &&
    "hasState" in value;
}

function encodeRequest({ id, args }: RpcOutgoing): string {
  const [request, subject] = args as Parameters<WorkerFunctions["request"]>;
  const list: Item[] = [REQUEST, id];
  addSubject(list, subject);
  addRequest(list, request, subject);
  return stringify(list);
}

function encodeResponse({ id, args }: RpcOutgoing): string {
  const [messages, subject] = args as Parameters<WorkerFunctions["response"]>;
  const { response: { status, headers }, request, hadContent } = messages;
  const list: Item[] = [RESPONSE, id];
  addSubject(list, subject);
  list.push(status, hadContent, headers.length);
  for (const text of headers) list.push(text);
  addRequest(list, request, subject);
  return stringify(list);
}

function addSubject(
  list: Item[],
  { key, content, id, user, job, original }: ExchangeSubject,
): void {
  list.push(key, content, id, user, job, original?.method, original?.url);
}

/** Most requests are still those of the browser. */
function addRequest(
  list: Item[],
  { method, url, upgrade, headers }: RequestData,
  { original }: ExchangeSubject,
): void {
  list.push(
    method === original?.method ? null : method,
    url === original?.url ? null : url,
    upgrade,
  );
  for (const text of headers) list.push(text);
}

/** Where the parts of a call begin. */
const SUBJECT = 2;
const AFTER_SUBJECT = 9;
const STATUS_LENGTH = 3;
const REQUEST_LENGTH = 3;

// deno-lint-ignore no-explicit-any -- what the other end has made
type List = readonly any[];

function decodeRequest(list: List): unknown {
  const subject = subjectOf(list);
  const request = requestOf(list, AFTER_SUBJECT, subject);
  return {
    ...{ kind: "call", id: list[1], name: REQUEST },
    args: [request, subject],
  };
}

function decodeResponse(list: List): unknown {
  const subject = subjectOf(list);
  const [status, hadContent, length] = [
    list[AFTER_SUBJECT],
    list[AFTER_SUBJECT + 1],
    list[AFTER_SUBJECT + 2],
  ];
  const start = AFTER_SUBJECT + STATUS_LENGTH;
  const headers = list.slice(start, start + length);
  const request = requestOf(list, start + length, subject);
  return {
    ...{ kind: "call", id: list[1], name: RESPONSE },
    args: [{ response: { status, headers }, request, hadContent }, subject],
  };
}

function subjectOf(list: List): ExchangeSubject {
  return {
    key: list[SUBJECT],
    content: list[SUBJECT + 1],
    id: list[SUBJECT + 2],
    user: list[SUBJECT + 3] ?? undefined,
    job: list[SUBJECT + 4] ?? undefined,
    original: list[SUBJECT + 5] === null
      ? undefined
      : { method: list[SUBJECT + 5], url: list[SUBJECT + 6] },
  };
}

function requestOf(
  list: List,
  at: number,
  { original }: ExchangeSubject,
): RequestData {
  return {
    method: list[at] ?? original?.method,
    url: list[at + 1] ?? original?.url,
    upgrade: list[at + 2] ?? undefined,
    headers: list.slice(at + REQUEST_LENGTH),
  };
}

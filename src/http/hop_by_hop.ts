/**
 * Fields that belong to one connection and must not be passed on
 * (RFC 9110 §7.6.1).
 *
 * `Proxy-Authorization` and `Proxy-Authenticate` stay: the code that checks the
 * credentials removes them.
 */
import { Fields } from "./fields.ts";
import { listMembers } from "./tokens.ts";

/**
 * Fields that a `Connection` field cannot have removed: without them the
 * message would be routed, framed or authorised differently behind us.
 */
const KEPT: readonly string[] = [
  "content-length",
  "host",
  "proxy-authorization",
];

/** Whether fields called `name` (any case) always belong to one connection. */
export function isHopByHop(name: string): boolean {
  switch (name.length) {
    case 2:
      return name.toLowerCase() === "te";
    case 7:
      return isOneOf(name, "upgrade", "trailer");
    case 10:
      return isOneOf(name, "connection", "keep-alive");
    case 16:
      return name.toLowerCase() === "proxy-connection";
    case 17:
      return name.toLowerCase() === "transfer-encoding";
    default:
      return false;
  }
}

/**
 * The fields that may be passed on: without `Connection` and what it lists,
 * `Keep-Alive`, `Proxy-Connection`, `TE`, `Trailer`, `Transfer-Encoding` and
 * `Upgrade`.
 *
 * @param fields Left as they are.
 * @param connection The value of the `Connection` lines, where it is known already.
 */
export function withoutHopByHop(
  fields: Fields,
  connection: string | undefined = fields.getList("connection"),
): Fields {
  const listed = connection === undefined ? [] : listedBy(connection);
  const flat = fields.flat;
  const kept: string[] = [];
  for (let at = 0; at < flat.length; at += 2) {
    const name = flat[at] ?? "";
    if (isHopByHop(name)) continue;
    if (listed.length > 0 && listed.includes(name.toLowerCase())) continue;
    kept.push(name, flat[at + 1] ?? "");
  }
  return new Fields(kept);
}

function listedBy(connection: string): string[] {
  return listMembers(connection).filter((name) =>
    name !== "close" && name !== "keep-alive" && !KEPT.includes(name)
  );
}

function isOneOf(name: string, first: string, second: string): boolean {
  const lower = name.toLowerCase();
  return lower === first || lower === second;
}

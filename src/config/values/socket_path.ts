import { SYSTEM, type System } from "../../platform/system.ts";
import { codec, type ValueCodec } from "./values.ts";

/** The path of a Unix socket to listen on. A system without them refuses it. */
export function socketPath(
  { hasUnixSockets }: Pick<System, "hasUnixSockets"> = SYSTEM,
): ValueCodec<string> {
  return codec(
    (raw) => hasUnixSockets && raw !== "" ? raw : undefined,
    String,
    () =>
      hasUnixSockets
        ? "expected a path"
        : "this system has no Unix sockets, use --api-address",
  );
}

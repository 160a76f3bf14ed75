// The client's options about when its proxy may be used, and from where
// besides the tunnel.
import { formatTimeFrame, parseTimeFrame } from "../../async/time_frame.ts";
import { isLoopbackOnly } from "../../net/address/address.ts";
import { fieldsIn } from "../field.ts";
import { codec, listenAddress, many } from "../values/values.ts";

const field = fieldsIn("Proxy");

/** When the client's proxy may be used, and from where besides the tunnel. */
export const ACCESS_FIELDS = {
  allowTimeFrame: field(many(codec(parseTimeFrame, formatTimeFrame)), {
    placeholder: "day/from-to,...",
    defaultText: "always",
    summary: "Hours in which requests may start",
    help: "Hours in which requests may start, by this machine's clock: " +
      "mon/9-17 is Monday from 9:00 to 16:59. At other times new requests are " +
      "refused with 451. Running requests continue.",
  }),
  debugAddress: field(
    listenAddress().refine(
      isLoopbackOnly,
      "expected a loopback address such as 127.0.0.1:8080: " +
        "this port needs no credentials",
    ).optional(),
    {
      placeholder: "host:port",
      defaultText: "not started",
      summary: "Local proxy port, to debug without the tunnel",
      help: "Loopback address where the client's proxy can be used without " +
        "the tunnel, to see what browsers would receive: curl -x host:port.",
    },
  ),
};

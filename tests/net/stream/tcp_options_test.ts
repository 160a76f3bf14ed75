import assert from "node:assert/strict";
import { setTcpOptions } from "../../../src/net/stream/tcp_options.ts";

Deno.test("setTcpOptions() says that small writes go out at once", () => {
  const set: string[] = [];
  setTcpOptions({
    setNoDelay: (on) => void set.push(`nodelay ${on}`),
    setKeepAlive: (on) => void set.push(`keepalive ${on}`),
  });
  assert.deepEqual(set, ["nodelay true", "keepalive true"]);
});

Deno.test("setTcpOptions() leaves a peer that is gone to the reader", () => {
  setTcpOptions({
    setNoDelay() {
      // What macOS says of a connection that was reset.
      throw Object.assign(new TypeError("Invalid argument"), {
        code: "EINVAL",
      });
    },
    setKeepAlive() {},
  });
});

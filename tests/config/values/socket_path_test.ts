import assert from "node:assert/strict";
import { containerSocket } from "../../../src/config/options/api_config.ts";
import { socketPath } from "../../../src/config/values/socket_path.ts";
import { systemOf } from "../../../src/platform/system.ts";

Deno.test("socketPath() is a path where the system has Unix sockets", () => {
  assert.equal(
    socketPath(systemOf("linux")).decode("/run/a.sock"),
    "/run/a.sock",
  );
});

Deno.test("socketPath() is refused on Windows, with what to use", () => {
  assert.throws(() => socketPath(systemOf("windows")).parse("C:\\a.sock"), {
    message: /this system has no Unix sockets, use --api-address/,
  });
});

Deno.test("a container of Windows has no socket by default", () => {
  const environment = (name: string) =>
    name === "PLATFORM" ? "container" : undefined;
  assert.equal(
    containerSocket(environment, systemOf("linux")),
    "/tmp/sallyport.sock",
  );
  assert.equal(containerSocket(environment, systemOf("windows")), undefined);
});

import { deepEqual } from "node:assert/strict";
import * as module from "../../mod.ts";

Deno.test("the module has functions for programs, and none of the command line", () => {
  deepEqual(Object.keys(module).toSorted(), [
    "CertificateError",
    "ClientError",
    "ConfigError",
    "ListenError",
    "PacError",
    "PluginError",
    "startServer",
    "startTunnel",
    "testPlugin",
  ]);
});

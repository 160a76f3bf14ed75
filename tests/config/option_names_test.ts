import assert from "node:assert/strict";

import {
  optionName,
  suggestion,
  variableNames,
} from "../../src/config/option_names.ts";

Deno.test("one name has three spellings", () => {
  assert.equal(
    optionName("httpTlsHandshakeTimeout"),
    "http-tls-handshake-timeout",
  );
  assert.deepEqual(variableNames("tunnel-name"), [
    "SALLYPORT_TUNNEL_NAME",
    "SAUCE_TUNNEL_NAME",
  ]);
});

Deno.test("suggestion() proposes the nearest name, if one is near", () => {
  const names = ["server", "run", "ready"];

  assert.equal(
    suggestion("sevrer", names, "see help"),
    'did you mean "server"?',
  );
  assert.equal(suggestion("rum", names, "see help"), 'did you mean "run"?');
  assert.equal(suggestion("tunnel", names, "see help"), "see help");
});

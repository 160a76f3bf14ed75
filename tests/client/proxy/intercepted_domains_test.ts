import assert from "node:assert/strict";
import { openedDomains } from "../../../src/client/proxy/intercepted_domains.ts";

const CREDENTIALS = [
  { hostname: "a.test", port: 443, username: "jane", password: "" },
  { hostname: "a.test", port: "*", username: "jane", password: "" },
  { hostname: "*", port: "*", username: "jane", password: "" },
] as const;

Deno.test("openedDomains() opens hosts with credentials, and them alone", () => {
  assert.deepEqual(openedDomains({ credentials: CREDENTIALS }), {
    tlsResignDomains: ["^a\\.test$"],
    tlsPassthroughDomains: [],
  });
  assert.deepEqual(
    openedDomains({ credentials: CREDENTIALS, tlsResignDomains: ["b"] }),
    { tlsResignDomains: ["b", "^a\\.test$"], tlsPassthroughDomains: [] },
  );
});

Deno.test("openedDomains() takes hosts with credentials out of what passes", () => {
  assert.deepEqual(
    openedDomains({ credentials: CREDENTIALS, tlsPassthroughDomains: ["all"] }),
    { tlsResignDomains: [], tlsPassthroughDomains: ["all", "-^a\\.test$"] },
  );
});

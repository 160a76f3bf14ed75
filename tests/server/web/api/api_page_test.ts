import assert from "node:assert/strict";
import { restDocument } from "../../../../src/api/document/rest_document.ts";
import { renderApiPage } from "../../../../src/server/web/api/api_page.ts";
import { requestLimits } from "../../../../src/server/rest/request_limits.ts";
import { operationsOf } from "../../documented_calls.ts";

const DOCUMENT = restDocument("1.2.3");

const VIEW = {
  user: "ann",
  origin: "https://lab.test:8443",
  hasOwnCa: false,
  limits: requestLimits(),
} as const;

const PAGE = String(renderApiPage(DOCUMENT, VIEW));

Deno.test("the page about the API has every operation and every schema, and all links lead somewhere", () => {
  const ids = Array.from(PAGE.matchAll(/ id="([^"]+)"/g), ([, id]) => id);
  const links = Array.from(PAGE.matchAll(/href="#([^"]+)"/g), ([, id]) => id);

  assert.equal(new Set(ids).size, ids.length);
  for (const { operation } of operationsOf(DOCUMENT)) {
    assert.ok(ids.includes(operation.operationId));
    assert.ok(links.includes(operation.operationId));
  }
  for (const name of Object.keys(DOCUMENT.components.schemas)) {
    assert.ok(ids.includes(`schema-${name}`), name);
  }
  for (const link of links) assert.ok(ids.includes(link), link);
});

Deno.test("the page about the API has curl commands with the name of its user", () => {
  const text = PAGE.replaceAll("&#39;", "'").replaceAll("&quot;", '"');

  for (
    const command of [
      "curl -u ann \\\n  https://lab.test:8443/rest/v1/ann/tunnels<",
      "curl -u ann \\\n  -X POST \\\n  -H 'Content-Type: application/json' \\\n  -d '{\"tunnel_identifier\":\"lab\"}' \\\n  https://lab.test:8443/rest/v1/ann/tunnels<",
      "curl -u ann \\\n  -X DELETE \\\n  'https://lab.test:8443/rest/v1/ann/tunnels?metadata=build=7'<",
      "curl \\\n  https://lab.test:8443/rest/v1/public/ca.pem<",
    ]
  ) assert.ok(text.includes(command), command);
});

Deno.test("the page about the API tells the limits of its server", () => {
  const page = (perUser: number, perAddress: number) =>
    String(renderApiPage(DOCUMENT, {
      ...VIEW,
      limits: requestLimits({ perUser, perAddress }),
    }));

  assert.match(PAGE, /average: 250 per user, 500 per address</);
  assert.match(page(7, 0), /1 MiB per request body; .* average: 7 per user</);
  assert.match(page(0, 0), /<dd>1 MiB per request body</);
});

Deno.test("the page about the API escapes whatever it shows", () => {
  const page = String(
    renderApiPage(DOCUMENT, { ...VIEW, user: "<b>", origin: "https://<i>" }),
  );

  assert.doesNotMatch(page, /<b>|<i>/);
});

Deno.test("the page about the API has curl trust the CA of a server that made its own", () => {
  const page = String(renderApiPage(DOCUMENT, { ...VIEW, hasOwnCa: true }));

  assert.match(page, /curl -u ann \\\n {2}--cacert ca\.pem \\\n {2}https/);
});

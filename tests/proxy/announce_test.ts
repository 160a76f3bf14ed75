import assert from "node:assert/strict";

import { Fields } from "../../src/http/fields.ts";
import { announce } from "../../src/proxy/announce.ts";
import { connect, contextOf, get } from "./requests.ts";

const US = { client: "10.0.0.7", tag: "sallyport-0" };
const handler = announce(({ fields }) =>
  Promise.resolve({
    kind: "response",
    status: 200,
    fields: new Fields([...fields.flat]),
    body: undefined,
  }), US);

Deno.test("announce() refuses what comes round again, and leaves CONNECT alone", async () => {
  const request = get("a.test");
  const first = await handler(request, contextOf());
  const blind = await handler(connect("a.test:443"), contextOf());

  assert.equal(first.fields.get("Via"), "1.1 sallyport-0");
  assert.equal(blind.fields.size, 0);
  await assert.rejects(handler(request, contextOf()), {
    code: "viaLoop",
    status: 400,
  });
});

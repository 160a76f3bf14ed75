import assert from "node:assert/strict";

import { Fields } from "../../src/http/fields.ts";
import { addVia } from "../../src/proxy/add_via.ts";
import { connect, contextOf, get } from "./requests.ts";

const US = { client: "10.0.0.7", tag: "sallyport-0" };
const handler = addVia(({ fields }) =>
  Promise.resolve({
    kind: "response",
    status: 200,
    fields: new Fields([...fields.flat]),
    body: undefined,
  }), US);

Deno.test("addVia() refuses what comes round again, CONNECT too, of which it changes Via only", async () => {
  const request = get("a.test");
  const first = await handler(request, contextOf());
  const opening = connect("a.test:443");
  const blind = await handler(opening, contextOf());

  assert.equal(first.fields.get("Via"), "1.1 sallyport-0");
  assert.deepEqual([...blind.fields], [["Via", "1.1 sallyport-0"]]);
  for (const again of [request, opening]) {
    await assert.rejects(handler(again, contextOf()), {
      code: "viaLoop",
      status: 400,
    });
  }
});

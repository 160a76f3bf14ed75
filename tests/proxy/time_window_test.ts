import assert from "node:assert/strict";

import { parseTimeFrame } from "../../src/async/time_frame.ts";
import type { Handler } from "../../src/http/exchange.ts";
import { Fields } from "../../src/http/fields.ts";
import { withinTimeWindow } from "../../src/proxy/time_window.ts";
import { contextOf, get } from "./requests.ts";

const handler: Handler = () =>
  Promise.resolve({
    kind: "response",
    status: 200,
    fields: new Fields(),
    body: undefined,
  });
const frames = [parseTimeFrame("mon/11-13")];

Deno.test("withinTimeWindow() lets exchanges begin inside a frame and no others", async () => {
  const at = (hour: number) =>
    withinTimeWindow(handler, {
      frames,
      now: () => new Date(2025, 5, 2, hour).getTime(),
    })(
      get("a.test"),
      contextOf(),
    );

  assert.equal((await at(11)).status, 200);
  await assert.rejects(at(13), { code: "outsideTimeFrame", status: 451 });
});

Deno.test("withinTimeWindow() is always open without frames", () => {
  assert.equal(withinTimeWindow(handler, { frames: [] }), handler);
});

import assert from "node:assert/strict";
import { Fields } from "../../src/http/fields.ts";
import {
  agreedDeflate,
  keepKnownOffers,
} from "../../src/websocket/extensions.ts";

const FIELD = "Sec-WebSocket-Extensions";

/** What a browser offers → what is left of it. */
const OFFERS: Readonly<Record<string, string | undefined>> = {
  "permessage-deflate; client_max_window_bits":
    "permessage-deflate; client_max_window_bits",
  "x-webkit-deflate-frame, permessage-deflate": "permessage-deflate",
  "permessage-deflate; server_max_window_bits=10, permessage-deflate":
    "permessage-deflate; server_max_window_bits=10, permessage-deflate",
  'a; b="permessage-deflate, c;", Permessage-Deflate': "Permessage-Deflate",
  "permessage-bzip2": undefined,
  ",": undefined,
};

for (const [offered, kept] of Object.entries(OFFERS)) {
  Deno.test(`of the offer ${offered} we keep ${kept}`, () => {
    const fields = new Fields(["Host", "a.test", FIELD, offered]);

    keepKnownOffers(fields);

    assert.equal(fields.getList(FIELD), kept);
    assert.equal(fields.get("host"), "a.test");
  });
}

Deno.test("offers on several lines are one list", () => {
  const fields = new Fields([FIELD, "a", FIELD, "permessage-deflate"]);

  keepKnownOffers(fields);

  assert.deepEqual(fields.flat, [FIELD, "permessage-deflate"]);
});

Deno.test("a response without extensions compresses nothing", () => {
  assert.equal(agreedDeflate(new Fields()), undefined);
  assert.equal(agreedDeflate(new Fields([FIELD, " "])), undefined);
});

Deno.test("each direction is compressed as the response says", () => {
  const plain = { hasNoContext: false, windowBits: 15 };
  const both = agreedDeflate(new Fields([FIELD, "permessage-deflate"]));
  const different = agreedDeflate(
    new Fields([
      FIELD,
      'permessage-deflate; server_max_window_bits="9" ; ' +
      "client_no_context_takeover; CLIENT_MAX_WINDOW_BITS=8",
    ]),
  );

  assert.deepEqual(both, { fromBrowser: plain, fromSite: plain });
  assert.deepEqual(different, {
    fromBrowser: { hasNoContext: true, windowBits: 8 },
    fromSite: { hasNoContext: false, windowBits: 9 },
  });
});

for (
  const agreed of [
    "x-webkit-deflate-frame",
    "permessage-deflate, permessage-deflate",
    "permessage-deflate; unknown",
    "permessage-deflate; server_max_window_bits",
    "permessage-deflate; server_max_window_bits=7",
    "permessage-deflate; server_max_window_bits=16",
    "permessage-deflate; client_max_window_bits=08",
    "permessage-deflate; client_no_context_takeover=1",
    "permessage-deflate; client_max_window_bits=9; client_max_window_bits=9",
    "permessage deflate",
  ]
) {
  Deno.test(`a response with ${agreed} cannot be used`, () => {
    assert.throws(
      () => agreedDeflate(new Fields([FIELD, agreed])),
      { name: "WebSocketError", code: 1002 },
    );
  });
}

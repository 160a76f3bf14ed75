import { strictEqual } from "node:assert/strict";
import { HpackError, malformedBlock } from "../../../src/http2/hpack/errors.ts";

Deno.test("HpackError carries its code and its cause", () => {
  const cause = new Error("below");

  const error = new HpackError("tooLarge", "Cannot take it", { cause });

  strictEqual(error.code, "tooLarge");
  strictEqual(error.cause, cause);
  strictEqual(error.name, "HpackError");
});

Deno.test("malformed() ends the connection and says why", () => {
  const error = malformedBlock("it is cut short");

  strictEqual(error.code, "compression");
  strictEqual(
    error.message,
    "Cannot decode the field block: it is cut short, close the connection",
  );
});

/** @module */
import assert from "node:assert/strict";
import { ClientError } from "../../src/client/errors.ts";
import { RestError } from "../../src/client/rest/rest_error.ts";
import { startErrorOf } from "../../src/client/start_error.ts";
import { malformed } from "../../src/http1/errors.ts";
import { DialError } from "../../src/net/dial_error.ts";
import { ListenError } from "../../src/net/listen/listen.ts";
import { TunnelError } from "../../src/tunnel/errors.ts";

const { signal } = new AbortController();

Deno.test("startErrorOf() says what to do about each failure", () => {
  const failures: readonly (readonly [Error, code: string, message: string])[] =
    [
      [
        new RestError(401, "no"),
        "unauthorized",
        "Cannot log in: the server does not know this user with this key, " +
        "check --username and --access-key",
      ],
      [
        new RestError(409, "Name is taken"),
        "refused",
        "Cannot create the tunnel: Name is taken",
      ],
      [
        new RestError(503, "Stopping"),
        "unreachable",
        "Cannot create the tunnel: Stopping",
      ],
      [
        new RestError(0, "No answer"),
        "unreachable",
        "Cannot create the tunnel: No answer",
      ],
      // What to do is said where it is known who failed.
      [
        new DialError(
          "refused",
          'Cannot connect to "a.test:1", check --server',
        ),
        "unreachable",
        'Cannot connect to "a.test:1", check --server',
      ],
      [new TunnelError("refused", "No"), "refused", "No"],
      [new TunnelError("versionMismatch", "Old"), "refused", "Old"],
      [new TunnelError("lost", "Gone"), "unreachable", "Gone"],
      [
        malformed("why"),
        "unreachable",
        "Cannot talk to the server: Cannot read the message: why",
      ],
    ];
  for (const [cause, code, message] of failures) {
    const error = startErrorOf(cause, signal);

    assert.ok(error instanceof ClientError, message);
    assert.deepEqual([error.code, error.message], [code, message]);
    assert.equal(error.cause, cause);
  }
});

Deno.test("startErrorOf() leaves alone what says what to do already", () => {
  const errors = [new ClientError("ended", "Ended"), new ListenError("In use")];

  for (const error of errors) assert.equal(startErrorOf(error, signal), error);
});

Deno.test("startErrorOf() blames nobody when the start was given up", () => {
  const cause = new DialError("refused", "Cannot connect");

  const error = startErrorOf(cause, AbortSignal.abort());

  assert.ok(error instanceof ClientError);
  assert.equal(error.code, "aborted");
  assert.equal(error.message, "The start was given up");
  assert.equal(error.cause, cause);
});

Deno.test("startErrorOf() makes an error of whatever else was thrown", () => {
  const defect = new TypeError("defect");

  assert.equal(startErrorOf(defect, signal), defect);
  assert.equal(startErrorOf("text", signal).message, "text");
});

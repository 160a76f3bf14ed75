/** A misspelt edit fails where it stands, and says what was meant. */
import assert from "node:assert/strict";
import { refuseUnknownMembers } from "../../../src/plugin/running/strict_members.ts";

class Base {
  #status = 200;
  get status(): number {
    return this.#status;
  }
  set status(status: number) {
    this.#status = status;
  }
}

class Request extends Base {
  method = "GET";
  get headers(): readonly string[] {
    return [];
  }
}

refuseUnknownMembers(Base, (view) => `a ${view.constructor.name}`);

// deno-lint-ignore no-explicit-any -- misspelt on purpose
const request: any = new Request();

Deno.test("members that exist can be assigned and read", () => {
  request.status = 404;
  request.method = "POST";
  assert.deepEqual([request.status, request.method], [404, "POST"]);
  assert.equal(request.stats, undefined);
});

/** Name → what is said of it. */
const WRONG = {
  "stauts": 'a Request has no member "stauts", did you mean "status"?',
  "statu": 'a Request has no member "statu", did you mean "status"?',
  "stat": 'a Request has no member "stat", did you mean "status"?',
  "header": 'a Request has no member "header", did you mean "headers"?',
  "sta": 'a Request has no member "sta", it has headers, status',
  "body": 'a Request has no member "body", it has headers, status',
};

for (const [name, message] of Object.entries(WRONG)) {
  Deno.test(`assigning "${name}" fails`, () => {
    assert.throws(() => {
      request[name] = 1;
    }, { name: "TypeError", message });
  });
}

Deno.test("a symbol is named too", () => {
  assert.throws(() => {
    request[Symbol("mark")] = 1;
  }, /has no member "Symbol\(mark\)"/);
});

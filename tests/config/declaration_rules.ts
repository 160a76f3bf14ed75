/**
 * Rules that every declaration of options keeps.
 */
import assert from "node:assert/strict";

import type { AnyOptionFields } from "../../src/config/field.ts";

/** Tests that a process's options are declared well. */
export function testDeclaration(
  process: string,
  fields: AnyOptionFields,
): void {
  Deno.test(`the ${process}'s one-letter flags are all different`, () => {
    const letters = Object.values(fields).flatMap(({ short }) => short ?? []);

    assert.deepEqual([...new Set(letters)], letters);
    assert(letters.every((letter) => /^[a-zA-Z]$/.test(letter)));
  });

  Deno.test(`the ${process}'s options of one section stand together`, () => {
    const sections = Object.values(fields).map(({ section }) => section);
    const starts = sections.filter((each, at) => each !== sections[at - 1]);

    assert.deepEqual([...new Set(sections)], starts);
  });

  Deno.test(`the ${process}'s help is whole sentences`, () => {
    for (const { help } of Object.values(fields)) {
      assert.match(help, /^[A-Z].*\.$/);
    }
  });

  Deno.test(`the ${process}'s summaries are a few words`, () => {
    for (const { summary } of Object.values(fields)) {
      assert.match(summary, /^[A-Z].{0,51}(?<!\.|\s)$/);
    }
  });
}

/* Objects whose unknown members cannot be assigned: a misspelt edit fails where it stands. */
import { distance } from "fastest-levenshtein";

/** Edits between a typo and a member. More are not a typo. */
const MAX_EDITS = 2;

/**
 * Makes assigning an unknown member of a class's objects an error. Members that
 * exist cost nothing: the search for a setter ends before.
 *
 * @param base The class of all of them, below `Object`.
 * @param what The object, for the message: `a request`.
 */
export function refuseUnknownMembers(
  { prototype }: { readonly prototype: object },
  what: (view: object) => string,
): void {
  const above = new Proxy(Object.create(null), {
    set(_target, name, _value, view): never {
      const names = namesOf(view);
      const key = String(name);
      const near = names.find((each) => distance(each, key) <= MAX_EDITS);
      throw new TypeError(
        `${what(view)} has no member "${key}", ` +
          (near === undefined
            ? `it has ${names.join(", ")}`
            : `did you mean "${near}"?`),
      );
    },
  });
  Object.setPrototypeOf(prototype, above);
}

function namesOf(view: object): readonly string[] {
  const names: string[] = [];
  for (
    let level: object | null = Object.getPrototypeOf(view);
    level !== null;
    level = Object.getPrototypeOf(level)
  ) {
    names.push(...Object.getOwnPropertyNames(level));
  }
  return names.filter((name) => name !== "constructor");
}

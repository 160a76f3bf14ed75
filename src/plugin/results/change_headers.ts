/* Applies changes to fields. */
import { Fields } from "../../http/fields.ts";
import type { HeaderPlan } from "./outcomes.ts";

/** The fields after the change. `fields` is not modified. */
export function changeHeaders(
  fields: Fields,
  plan: HeaderPlan | undefined,
): Fields {
  switch (plan?.kind) {
    case undefined:
      return fields;
    case "all":
      return replaceAll(fields, plan.flat);
    case "some": {
      const changed = fields.clone();
      for (const [name, values] of plan.changes) {
        setLines(changed, name, values);
      }
      return changed;
    }
  }
}

/** Whether the plan changes a field. */
export function mentions(plan: HeaderPlan | undefined, name: string): boolean {
  if (plan === undefined) return false;
  const names = plan.kind === "some"
    ? plan.changes.map(([each]) => each)
    : plan.flat.filter((_, at) => at % 2 === 0);
  return names.some((each) => each.toLowerCase() === name);
}

/** `Content-Length` stays: it describes the content, which is not replaced. */
function replaceAll(before: Fields, flat: readonly string[]): Fields {
  const fields = new Fields([...flat]);
  const length = before.get("content-length");
  if (length !== undefined) fields.append("Content-Length", length);
  return fields;
}

/** The first line keeps its position. Further lines go to the end. */
function setLines(
  fields: Fields,
  name: string,
  [first, ...more]: readonly string[],
): void {
  if (first === undefined) return void fields.delete(name);
  fields.set(name, first);
  for (const value of more) fields.append(name, value);
}

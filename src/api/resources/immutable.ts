import type { z } from "zod";

/** `Value`, read-only at every depth. */
export type Immutable<Value> = Value extends Uint8Array ? Value
  : { readonly [Name in keyof Value]: Immutable<Value[Name]> };

/** What a schema yields, read-only at every depth. */
export type Infer<Schema extends z.ZodType> = Immutable<z.output<Schema>>;

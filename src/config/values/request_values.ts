/**
 * The kinds of values that options about a request take.
 *
 * @module
 */
import * as z from "zod";

import { isFieldValue, isToken } from "../../http/tokens.ts";
import { type One, type Pair, refuse, textLike } from "./values.ts";

/** Where a request goes. */
export function httpUrl(): One<URL> {
  return z.codec(z.string(), z.custom<URL>(), {
    decode: (words, context) => {
      const url = URL.parse(words);
      const isHttp = url?.protocol === "http:" || url?.protocol === "https:";
      if (url !== null && isHttp) return url;
      return refuse(context, words, "expected http://host/path or https://…");
    },
    encode: ({ href }) => href,
  });
}

/** A method (RFC 9110 §9.1). */
export function method(): One<string> {
  return textLike(/^[!#$%&'*+.^_`|~\w-]+$/, "a method such as GET");
}

/** A field, as `Name: value`. */
export function headerField(): One<Pair> {
  return z.codec(z.string(), z.custom<Pair>(), {
    decode: (words, context) => {
      const [name = "", ...rest] = words.split(":");
      const value = rest.join(":").trim();
      const isField = rest.length > 0 && isToken(name) && isFieldValue(value);
      return isField
        ? { name, value }
        : refuse(context, words, "expected Name: value");
    },
    encode: ({ name, value }) => `${name}: ${value}`,
  });
}

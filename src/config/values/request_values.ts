// The types of values of the options about a request.
import * as z from "zod";

import { isFieldValue, isToken } from "../../http/tokens.ts";
import { type Pair, refuse, textLike, type ValueCodec } from "./values.ts";

/** The URL of a request. */
export function httpUrl(): ValueCodec<URL> {
  return z.codec(z.string(), z.custom<URL>(), {
    decode: (raw, context) => {
      const url = URL.parse(raw);
      const isHttp = url?.protocol === "http:" || url?.protocol === "https:";
      if (url !== null && isHttp) return url;
      return refuse(context, raw, "expected http://host/path or https://…");
    },
    encode: ({ href }) => href,
  });
}

/** A method (RFC 9110 §9.1). */
export function method(): ValueCodec<string> {
  return textLike(/^[!#$%&'*+.^_`|~\w-]+$/, "a method such as GET");
}

/** A field, as `Name: value`. */
export function headerField(): ValueCodec<Pair> {
  return z.codec(z.string(), z.custom<Pair>(), {
    decode: (raw, context) => {
      const [name = "", ...rest] = raw.split(":");
      const value = rest.join(":").trim();
      const isField = rest.length > 0 && isToken(name) && isFieldValue(value);
      return isField
        ? { name, value }
        : refuse(context, raw, "expected Name: value");
    },
    encode: ({ name, value }) => `${name}: ${value}`,
  });
}

// The types of values of the options about a request.
import { isFieldValue, isToken } from "../../http/tokens.ts";
import { codec, type Pair, textLike, type ValueCodec } from "./values.ts";

/** The URL of a request. */
export function httpUrl(): ValueCodec<URL> {
  return codec(
    (raw) => {
      const url = URL.parse(raw);
      const isHttp = url?.protocol === "http:" || url?.protocol === "https:";
      return url !== null && isHttp ? url : undefined;
    },
    ({ href }) => href,
    "expected http://host/path or https://…",
  );
}

/** A method (RFC 9110 §9.1). */
export function method(): ValueCodec<string> {
  return textLike(/^[!#$%&'*+.^_`|~\w-]+$/, "a method such as GET");
}

/** A field, as `Name: value`. */
export function headerField(): ValueCodec<Pair> {
  return codec(
    (raw) => {
      const [name = "", ...rest] = raw.split(":");
      const value = rest.join(":").trim();
      const isField = rest.length > 0 && isToken(name) && isFieldValue(value);
      return isField ? { name, value } : undefined;
    },
    ({ name, value }) => `${name}: ${value}`,
    "expected Name: value",
  );
}

/**
 * The value of an option as it may be shown: on the page, in the log, in errors.
 *
 * @module
 */
import { HIDDEN, isSecretName, redactText } from "../log/redact.ts";
import type { Field, Raw } from "./field.ts";

/**
 * The text of a raw value with everything secret shown as `xxxxx`: secret
 * options, the password in `user:password`, credentials in a URL, the content
 * of `data:` values, and in `name=value`, alone or in the query of a URL, the
 * value whose name is that of a secret. Lists are joined with commas, unset is empty.
 */
export function shown(
  { secret }: Pick<Field<unknown>, "secret">,
  raw: Raw,
): string {
  const texts = raw === undefined ? [] : typeof raw === "string" ? [raw] : raw;
  return texts.map((text) => {
    if (secret === "all") return HIDDEN;
    if (secret === "password") return hidePassword(text);
    if (secret === "userinfo") return hideUserinfo(text);
    return hideNamed(
      redactText(text.replace(/^data:.*$/s, `data:${HIDDEN}`)),
    );
  }).join(",");
}

/** The names that the log goes by: `token=…`, and `?access_key=…` of a URL. */
function hideNamed(text: string): string {
  const [all = "", name = ""] = /^([^=?&#]+)=./.exec(text) ?? [];
  if (isSecretName(name)) return all.slice(0, -1) + HIDDEN;
  return text.replace(
    /([?&#])([^=&#]+)=([^&#]+)/g,
    (pair, before, name) =>
      isSecretName(name) ? `${before}${name}=${HIDDEN}` : pair,
  );
}

/** Keeps everything but the password in `[scheme://]name:password@host`. */
function hideUserinfo(text: string): string {
  return text.replace(
    /^([a-z][a-z0-9+.-]*:\/\/)?([^:@]*):.*@/is,
    `$1$2:${HIDDEN}@`,
  );
}

/** Keeps the name in `name:password`; without a colon there is no telling what it is. */
function hidePassword(text: string): string {
  const colon = text.indexOf(":");
  return colon < 0 ? HIDDEN : `${text.slice(0, colon)}:${HIDDEN}`;
}

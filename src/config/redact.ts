import { HIDDEN, isSecretName, redactText } from "../log/redact.ts";
import type { OptionField, RawValue } from "./field.ts";

/**
 * The text of a raw value, for the page, the log and errors, with every secret
 * shown as `xxxxx`. Secrets are secret options, the password in
 * `user:password`, credentials in a URL, and the content of `data:` values. In
 * `name=value`, alone or in the query of a URL, the value is secret if the name
 * is that of a secret. Lists are joined with commas; an unset value is empty.
 */
export function redacted(
  { secret }: Pick<OptionField<unknown>, "secret">,
  raw: RawValue,
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

/** Hides `token=…`, and `?access_key=…` of a URL, by the same names as the log. */
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

/** Keeps the name in `name:password`. Without a colon, all of it may be the password. */
function hidePassword(text: string): string {
  const colon = text.indexOf(":");
  return colon < 0 ? HIDDEN : `${text.slice(0, colon)}:${HIDDEN}`;
}

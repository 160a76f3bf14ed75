/**
 * Keeps secrets out of what is written down.
 *
 * @module
 */

/** What stands where a secret was. Its length tells nothing. */
export const HIDDEN = "xxxxx";

/** Names whose values are secrets, in any spelling: `accessKey`, `access-key`. */
const SECRET_NAME =
  /access[-_]?key|passw|secret|token|authori[sz]ation|cookie|credential/i;

/** The credentials of a URL: `scheme://user:password@`. */
const USERINFO = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s/?#:@]*):[^\s/?#]*@/gi;

/** Whether a field called `name` holds a secret. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** `text` with the passwords of all URLs in it hidden. */
export function redactText(text: string): string {
  return text.replace(USERINFO, `$1:${HIDDEN}@`);
}

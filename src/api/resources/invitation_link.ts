/** Links by which people become users. */

/** How long a link works by default, in milliseconds: a week. */
export const INVITATION_LIFETIME: number = 7 * 24 * 60 * 60 * 1000;

/** Path of the page that a link leads to. Logs hide the value of `token`. */
export function invitationPath(token: string): string {
  return `/invitation?token=${token}`;
}

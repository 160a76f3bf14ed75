/**
 * What can be wrong with a user, an organization or an access key.
 *
 * @module
 */

/** Why an account, an organization or a key could not be made or changed. */
export type AccountErrorCode =
  | "nameInvalid"
  | "nameTaken"
  | "keyInvalid"
  | "noSuchUser"
  | "noSuchOrganization"
  | "organizationInUse"
  | "lastAdmin"
  | "tooManyKeys"
  | "tooManyUsers";

/** An account or a key could not be made; the message says why and what to do. */
export class AccountError extends Error {
  override readonly name = "AccountError";
  readonly code: AccountErrorCode;

  constructor(code: AccountErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Why a user, an organization or a key cannot be created or changed. */
export type AccountErrorCode =
  | "nameInvalid"
  | "nameTaken"
  | "keyInvalid"
  | "noSuchUser"
  | "noSuchOrganization"
  | "organizationInUse"
  | "lastAdmin"
  | "tooManyKeys"
  | "tooManyUsers"
  | "isExternal"
  | "isDisabled"
  | "tooManyInvitations"
  | "noSuchInvitation"
  | "invitationOver";

/** A user, an organization or a key cannot be created or changed. The message says why and what to do. */
export class AccountError extends Error {
  override readonly name = "AccountError";
  readonly code: AccountErrorCode;

  constructor(code: AccountErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

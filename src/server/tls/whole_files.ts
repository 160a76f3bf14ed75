/** Files with keys and certificates: written completely or not at all. */
import { systemReason } from "../../log/system_reason.ts";

/** The mode of a file that only its owner may read. */
export const OWNER_ONLY_FILE = 0o600;
/** The mode of a file that everybody may read. */
export const READABLE_FILE = 0o644;

/** A certificate or key cannot be used; the message names it and says why. */
export class CertificateError extends Error {
  /** Always `CertificateError`. */
  override readonly name = "CertificateError";
}

/** The text of a file; `undefined` when there is none. @throws {CertificateError} When it cannot be read. */
export async function readIfPresent(
  file: string,
): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(file);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    throw new CertificateError(
      `Cannot read "${file}": ${systemReason(cause)}`,
      { cause },
    );
  }
}

/** Writes a file completely or not at all, even when power fails. */
export async function writeWhole(
  file: string,
  text: string,
  mode: number,
): Promise<void> {
  const draft = `${file}.new`;
  // A draft left by a killed process could have another mode.
  await removeIfPresent(draft);
  await Deno.writeTextFile(draft, text, { createNew: true, mode });
  using written = await Deno.open(draft, { write: true });
  await written.syncData();
  await Deno.rename(draft, file);
}

/** Removes a file, if there is one. */
export async function removeIfPresent(file: string): Promise<void> {
  try {
    await Deno.remove(file);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
  }
}

/** By the names of POSIX, which the runtime gives on every system. */
const WORDS: Readonly<Record<string, string>> = {
  EACCES: "the file permissions do not allow it",
  EBUSY: "another program uses it",
  EEXIST: "something of that name is there already",
  EISDIR: "it is a directory",
  ENOENT: "there is no such file or folder",
  ENOSPC: "the disk is full",
  ENOTDIR: "a part of its path is a file",
  ENOTEMPTY: "the folder is not empty",
  EPERM: "the file permissions do not allow it",
  EROFS: "the file system is read-only",
};

/** Says why; for what is not known here with the error's own words. */
export function systemReason(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  if (cause instanceof Deno.errors.NotCapable) {
    return "Deno was started without permission for it";
  }
  const code = "code" in cause ? String(cause.code) : "";
  // The system's words come with an error number and the path once more.
  return WORDS[code] ?? cause.message.replace(/ \(os error .*$/s, "");
}

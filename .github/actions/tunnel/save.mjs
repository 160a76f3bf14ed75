// deno-lint-ignore-file no-console -- the runner reads these lines
// Saves the recorded requests beside the log, where an artifact is made of them.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ask, oneLine } from "./common.mjs";

const { SALLYPORT_FOLDER: folder, SALLYPORT_HAR_URL: address } = process.env;

if (folder && address) {
  const url = new URL(address);
  const login = `${url.username}:${url.password}`;
  url.username = url.password = "";
  try {
    const { status, text } = await ask(url.href, { login });
    if (status !== 200) throw new Error(`status ${status}`);
    writeFileSync(join(folder, "requests.har"), text);
  } catch (error) {
    console.log(`::warning::Cannot save the requests: ${oneLine(error)}`);
  }
}

// What must be right before a service is installed: it would only fail later,
// where nobody looks.
import { ConfigError, Mistakes } from "../../config/errors.ts";
import { gatherOptions, validateOptions } from "../../config/load.ts";
import { CLIENT_FIELDS } from "../../config/options/client_config.ts";
import { SERVER_FIELDS } from "../../config/options/server_config.ts";
import type { ServiceSpec } from "./service_spec.ts";

/** Whether something is at a path, even a link that leads nowhere. */
export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return false;
    throw cause;
  }
}

/** @throws {ConfigError} If there is no program at the path. */
export async function checkProgram(path: string): Promise<void> {
  const { isFile = false } = await Deno.stat(path).catch(() => undefined) ?? {};
  if (isFile) return;
  throw new ConfigError(
    "badValue",
    `Cannot install the service: there is no program "${path}", put the ` +
      "binary there or set --program",
  );
}

/**
 * Reads the file as the service does, and tells all mistakes at once.
 *
 * @throws {ConfigError} If there is no file, or something is wrong in it.
 */
export async function checkConfiguration(
  { kind, configFile }: ServiceSpec,
): Promise<void> {
  if (!await exists(configFile)) {
    const command = kind === "server" ? "server" : "run";
    throw new ConfigError(
      "badFile",
      `Cannot install the service: there is no configuration file ` +
        `"${configFile}", make one from "sallyport ${command} config-file" ` +
        "or set --config-file",
    );
  }
  const args = ["--config-file", configFile];
  const environment = () => undefined;
  const mistakes = new Mistakes();
  if (kind === "server") {
    const { values } = await gatherOptions(SERVER_FIELDS, {
      args,
      environment,
      mistakes,
    });
    validateOptions(SERVER_FIELDS, values, mistakes);
  } else {
    const { values } = await gatherOptions(CLIENT_FIELDS, {
      args,
      environment,
      mistakes,
    });
    validateOptions(CLIENT_FIELDS, values, mistakes);
  }
  mistakes.throwIfAny();
}

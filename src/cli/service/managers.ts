// The service managers by name, and the usual places of each.
import { join, win32 } from "node:path";
import { ConfigError } from "../../config/errors.ts";
import type { Environment } from "../../config/sources/environment.ts";
import { launchd } from "./launchd.ts";
import { personalConfig, type ServiceManager } from "./service_spec.ts";
import { systemd } from "./systemd.ts";
import { winsw } from "./winsw.ts";

/** The names of the managers. */
export const MANAGERS = ["systemd", "launchd", "winsw"] as const;

/** The name of a manager. */
export type ManagerName = (typeof MANAGERS)[number];

/** What is usual where a manager runs. */
export interface Usual {
  readonly manager: ServiceManager;
  /** The folder of configuration files. */
  readonly configFolder: string;
  /** The folder of the server's data. */
  readonly dataDir: string;
  /** The account of services of the machine; `undefined` if it must be said. */
  readonly account: string | undefined;
  /** Where the program is. */
  readonly program: string;
}

/** The manager of a system, as `Deno.build.os` names it; `undefined` for others. */
export function managerOf(os: typeof Deno.build.os): ManagerName | undefined {
  if (os === "linux") return "systemd";
  if (os === "darwin") return "launchd";
  return os === "windows" ? "winsw" : undefined;
}

/**
 * What is usual for services of the machine, or of one person.
 *
 * @throws {ConfigError} If a person has no home directory, or the manager has no services of persons.
 */
export function usual(
  name: ManagerName,
  isPersonal: boolean,
  environment: Environment,
): Usual {
  if (name === "winsw") return usualOfWindows(isPersonal);
  const home = environment("HOME");
  if (isPersonal && !home) {
    throw new ConfigError(
      "required",
      "Cannot use --user: the variable HOME is not set",
    );
  }
  const manager = name === "systemd"
    ? systemd(home ?? "")
    : launchd(home ?? "");
  if (isPersonal) {
    return {
      manager,
      configFolder: personalConfig(home ?? ""),
      dataDir: join(home ?? "", ".local", "share", "sallyport"),
      account: "",
      program: join(home ?? "", ".local", "bin", "sallyport"),
    };
  }
  return name === "systemd"
    ? {
      manager,
      configFolder: "/etc/sallyport",
      dataDir: "/var/lib/sallyport",
      account: "sallyport",
      program: "/usr/bin/sallyport",
    }
    : {
      manager,
      configFolder: "/usr/local/etc/sallyport",
      dataDir: "/usr/local/var/sallyport",
      account: undefined,
      program: "/usr/local/bin/sallyport",
    };
}

function usualOfWindows(isPersonal: boolean): Usual {
  if (isPersonal) {
    throw new ConfigError(
      "badValue",
      "Cannot use --user: services of Windows belong to the machine",
    );
  }
  const folder = String.raw`C:\ProgramData\sallyport`;
  return {
    manager: winsw(folder),
    configFolder: folder,
    dataDir: win32.join(folder, "data"),
    account: String.raw`NT AUTHORITY\LocalService`,
    program: String.raw`C:\Program Files\Sallyport\sallyport.exe`,
  };
}

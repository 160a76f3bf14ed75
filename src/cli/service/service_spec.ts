// What a service of the system runs, whichever manager starts it.
import { join } from "node:path";

/** What runs as a service. */
export interface ServiceSpec {
  /** The server, or the client of one tunnel. */
  readonly kind: "server" | "client";
  /** The name of the client's service; empty for the server. */
  readonly instance: string;
  /** The path of the program. */
  readonly program: string;
  /** The path of the configuration file. */
  readonly configFile: string;
  /** The path of the server's data; `undefined` for a client. */
  readonly dataDir: string | undefined;
  /** Whether the service belongs to one person and not to the machine. */
  readonly isPersonal: boolean;
  /** The account of a service of the machine. */
  readonly account: string;
}

/** A file that a service needs. */
export interface ServiceFile {
  readonly path: string;
  readonly text: string;
}

/** A system's program that starts services, and what it needs. */
export interface ServiceManager {
  /** Its name, as people know it. */
  readonly title: string;
  /** The files of a service, in the order in which they are written. */
  files(spec: ServiceSpec): readonly ServiceFile[];
  /** The commands that start the service, and start it again with the machine. */
  startCommands(spec: ServiceSpec): readonly string[];
  /** The commands that stop the service for good, before its files are removed. */
  stopCommands(spec: ServiceSpec): readonly string[];
  /** The command that says whether the service runs. */
  statusCommand(spec: ServiceSpec): string;
  /** The path that exists if the service starts with the machine; `undefined` if no file tells. */
  enabledPath(spec: ServiceSpec): string | undefined;
}

/** What is in every file, and tells that this program wrote it. */
export const MADE_BY = "Made by: sallyport service install";

/** The name of the service: `sallyport-server`, or `sallyport-client-nightly`. */
export function serviceName({ kind, instance }: ServiceSpec): string {
  return ["sallyport", kind, instance].filter((part) => part !== "").join("-");
}

/** The command line after the program: `server --config-file …`. */
export function serviceArguments(spec: ServiceSpec): readonly string[] {
  const { kind, configFile, dataDir } = spec;
  return [
    kind === "server" ? "server" : "run",
    "--config-file",
    configFile,
    ...dataDir === undefined ? [] : ["--data-dir", dataDir],
  ];
}

/** The description of the service, for people. */
export function serviceTitle({ kind, instance }: ServiceSpec): string {
  return kind === "server"
    ? "Sallyport server"
    : `Sallyport client ${instance}`;
}

/** Where a person's configuration is. `home` is their home directory. */
export function personalConfig(home: string): string {
  return join(home, ".config", "sallyport");
}

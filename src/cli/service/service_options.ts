// The options of `sallyport service`, and the service that they describe.
import {
  isAbsolute as isAbsolutePosix,
  join as joinPosix,
} from "node:path/posix";
import { win32 } from "node:path";
import { ConfigError } from "../../config/errors.ts";
import { type ConfigOf, fieldsIn } from "../../config/field.ts";
import type { Environment } from "../../config/sources/environment.ts";
import { choice, onOff, text, textLike } from "../../config/values/values.ts";
import { managerOf, MANAGERS, type Usual, usual } from "./managers.ts";
import type { ServiceSpec } from "./service_spec.ts";

const field = fieldsIn("Options", { inFile: false });

/** The options of a service. */
export const SERVICE_FIELDS = {
  user: field(onOff(), {
    summary: "A service of your own, not of the machine",
    help: "Makes a service of your own, which needs no administrator and no " +
      "account. It runs while you are logged in. On Linux, " +
      '"loginctl enable-linger" lets it run always.',
  }),
  configFile: field(text().optional(), {
    placeholder: "path",
    defaultText: "server.yaml or NAME.yaml in the usual folder",
    summary: "Configuration file of the service",
    help: "Configuration file of the service. It must be there and correct.",
  }),
  dataDir: field(text().optional(), {
    placeholder: "path",
    defaultText: "the usual folder of the system",
    summary: "Data directory of the server",
  }),
  program: field(text().optional(), {
    placeholder: "path",
    defaultText: "this program",
    summary: "Program that the service starts",
    help: "Program that the service starts. It must be a binary that the " +
      "account of the service may run.",
  }),
  account: field(
    textLike(/^[\w .\\@$-]{1,64}$/, "the name of an account")
      .optional(),
    {
      placeholder: "name",
      defaultText: "sallyport; LocalService on Windows; required on macOS",
      summary: "Account that the service runs as",
      help: "Account that a service of the machine runs as. The account " +
        '"sallyport" of Linux is made at the installation.',
    },
  ),
  manager: field(choice(...MANAGERS).optional(), {
    placeholder: MANAGERS.join("|"),
    defaultText: "that of this system",
    summary: "Service manager",
    help: "Service manager: systemd of Linux, launchd of macOS, or WinSW, " +
      "which makes services of Windows. One of another system only with " +
      "--print.",
  }),
  print: field(onOff(), {
    summary: "Print the files instead of writing them",
  }),
  replace: field(onOff(), {
    summary: "Replace the files of an earlier installation",
  }),
};

/** The values of {@linkcode SERVICE_FIELDS}. */
export type ServiceConfig = ConfigOf<typeof SERVICE_FIELDS>;

/** The kind of the service, and the client's name. */
export type ServiceIdentity = Pick<ServiceSpec, "kind" | "instance">;

/** A service, where it belongs. */
export interface PlacedService {
  readonly spec: ServiceSpec;
  readonly options: ServiceConfig;
  readonly manager: Usual["manager"];
  /** Whether the manager is that of this system. */
  readonly isHere: boolean;
}

/**
 * The service that options describe, with what is usual on its system.
 *
 * @throws {ConfigError} If a path is not absolute, or the system has no known manager.
 */
export function place(
  { kind, instance }: ServiceIdentity,
  options: ServiceConfig,
  environment: Environment,
): PlacedService {
  const own = managerOf(Deno.build.os);
  const name = options.manager ?? own;
  if (name === undefined) {
    throw new ConfigError(
      "required",
      "Cannot tell the service manager of this system: set --manager",
    );
  }
  const isPersonal = options.user;
  const { manager, ...places } = usual(name, isPersonal, environment);
  const join = name === "winsw" ? win32.join : joinPosix;
  const isAbsolute = name === "winsw" ? win32.isAbsolute : isAbsolutePosix;
  const file = kind === "server" ? "server.yaml" : `${instance}.yaml`;
  const spec: ServiceSpec = {
    kind,
    instance,
    isPersonal,
    program: options.program ?? thisProgram(name === own) ?? places.program,
    configFile: options.configFile ?? join(places.configFolder, file),
    dataDir: kind === "server" ? options.dataDir ?? places.dataDir : undefined,
    account: options.account ?? places.account ?? "",
  };
  for (
    const [option, path] of Object.entries({
      "--program": spec.program,
      "--config-file": spec.configFile,
      "--data-dir": spec.dataDir ?? spec.program,
    })
  ) {
    if (isAbsolute(path) && !/[\n\r\0]/.test(path)) continue;
    throw new ConfigError(
      "badValue",
      `Cannot use ${option} "${path}": a service has no working directory, ` +
        "give the whole path",
    );
  }
  return { spec, options, manager, isHere: name === own };
}

/** The path of this program, if it is a binary for the system of the service. */
function thisProgram(isHere: boolean): string | undefined {
  return isHere && Deno.build.standalone ? Deno.execPath() : undefined;
}

// Services of macOS: a daemon of the machine, or an agent of one person.
import { join } from "node:path";
import {
  MADE_BY,
  serviceArguments,
  type ServiceManager,
  serviceName,
  type ServiceSpec,
} from "./service_spec.ts";
import { escapeXml, shellWord } from "./texts.ts";

/**
 * launchd, the service manager of macOS.
 *
 * @param home The home directory, for services of one person.
 */
export function launchd(home: string): ServiceManager {
  const labelOf = (spec: ServiceSpec) => `dev.${serviceName(spec)}`;
  const domainOf = ({ isPersonal }: ServiceSpec) =>
    isPersonal ? "gui/$(id -u)" : "system";
  const sudo = ({ isPersonal }: ServiceSpec) => isPersonal ? "" : "sudo ";
  const pathOf = (spec: ServiceSpec) =>
    join(
      spec.isPersonal ? join(home, "Library") : "/Library",
      spec.isPersonal ? "LaunchAgents" : "LaunchDaemons",
      `${labelOf(spec)}.plist`,
    );
  const logOf = (spec: ServiceSpec) =>
    join(
      spec.isPersonal ? join(home, "Library") : "/Library",
      "Logs",
      `${serviceName(spec)}.log`,
    );
  return {
    title: "launchd",
    files: (spec) => [{
      path: pathOf(spec),
      text: propertyList(spec, labelOf(spec), logOf(spec)),
    }],
    startCommands: (spec) => [
      `${sudo(spec)}launchctl bootstrap ${domainOf(spec)} ${
        shellWord(pathOf(spec))
      }`,
    ],
    stopCommands: (spec) => [
      `${sudo(spec)}launchctl bootout ${domainOf(spec)}/${labelOf(spec)}`,
    ],
    statusCommand: (spec) =>
      `${sudo(spec)}launchctl print ${domainOf(spec)}/${labelOf(spec)}`,
    // launchd starts all that is in the folder.
    enabledPath: pathOf,
  };
}

/** `service exec` makes exit code 0 of codes that forbid a restart: launchd tells only 0 from others. */
function propertyList(
  spec: ServiceSpec,
  label: string,
  logFile: string,
): string {
  const command = [spec.program, "service", "exec", ...serviceArguments(spec)];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" ' +
    '"http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    `<!-- ${MADE_BY} -->`,
    '<plist version="1.0">',
    "<dict>",
    ...entry("Label", string(label)),
    ...entry(
      "ProgramArguments",
      "<array>",
      ...command.map((word) => `  ${string(word)}`),
      "</array>",
    ),
    ...spec.isPersonal ? [] : entry("UserName", string(spec.account)),
    ...entry("RunAtLoad", "<true/>"),
    ...entry(
      "KeepAlive",
      "<dict>",
      "  <key>SuccessfulExit</key>",
      "  <false/>",
      "</dict>",
    ),
    ...entry("ThrottleInterval", "<integer>10</integer>"),
    ...entry(
      "ExitTimeOut",
      `<integer>${spec.kind === "server" ? 60 : 600}</integer>`,
    ),
    ...entry(
      "SoftResourceLimits",
      "<dict>",
      "  <key>NumberOfFiles</key>",
      "  <integer>65536</integer>",
      "</dict>",
    ),
    ...entry("Umask", "<integer>63</integer>"),
    ...entry("StandardOutPath", string(logFile)),
    ...entry("StandardErrorPath", string(logFile)),
    "</dict>",
    "</plist>",
    "",
  ].join("\n");
}

function entry(key: string, ...value: readonly string[]): readonly string[] {
  return [`  <key>${key}</key>`, ...value.map((line) => `  ${line}`)];
}

function string(text: string): string {
  return `<string>${escapeXml(text)}</string>`;
}

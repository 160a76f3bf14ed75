// Services of Windows. Its service manager starts only programs that speak to
// it; WinSW is such a program, and runs this one.
import { win32 } from "node:path";
import {
  MADE_BY,
  serviceArguments,
  type ServiceManager,
  serviceName,
  type ServiceSpec,
  serviceTitle,
} from "./service_spec.ts";
import { escapeXml } from "./texts.ts";

/**
 * WinSW, which makes a Windows service of a program.
 *
 * @param folder The folder of its files, `C:\ProgramData\sallyport`.
 */
export function winsw(folder: string): ServiceManager {
  const fileOf = (spec: ServiceSpec, ending: string) =>
    win32.join(folder, `${serviceName(spec)}.${ending}`);
  const call = (spec: ServiceSpec, action: string) =>
    `& "${fileOf(spec, "exe")}" ${action}`;
  return {
    title: "Windows services, through WinSW",
    files: (spec) => [{ path: fileOf(spec, "xml"), text: document(spec) }],
    startCommands: (spec) => [
      `Copy-Item WinSW-x64.exe "${fileOf(spec, "exe")}"`,
      call(spec, "install"),
      call(spec, "start"),
    ],
    stopCommands: (spec) => [call(spec, "stop"), call(spec, "uninstall")],
    statusCommand: (spec) => call(spec, "status"),
    enabledPath: () => undefined,
  };
}

/** `service exec` makes exit code 0 of codes that forbid a restart. */
function document(spec: ServiceSpec): string {
  const words = ["service", "exec", ...serviceArguments(spec)].map(quoted);
  return [
    `<!-- ${MADE_BY} -->`,
    "<service>",
    `  <id>${serviceName(spec)}</id>`,
    `  <name>${escapeXml(serviceTitle(spec))}</name>`,
    `  <description>Tunnel for browser tests</description>`,
    `  <executable>${escapeXml(spec.program)}</executable>`,
    `  <arguments>${escapeXml(words.join(" "))}</arguments>`,
    "  <startmode>Automatic</startmode>",
    "  <delayedAutoStart>true</delayedAutoStart>",
    '  <onfailure action="restart" delay="10 sec"/>',
    "  <resetfailure>1 hour</resetfailure>",
    `  <stoptimeout>${spec.kind === "server" ? "60 sec" : "10 min"}` +
    "</stoptimeout>",
    "  <serviceaccount>",
    `    <username>${escapeXml(spec.account)}</username>`,
    "  </serviceaccount>",
    '  <log mode="roll-by-size">',
    "    <sizeThreshold>10240</sizeThreshold>",
    "    <keepFiles>8</keepFiles>",
    "  </log>",
    "</service>",
    "",
  ].join("\n");
}

/** An argument as Windows programs read it. A final backslash would escape the quotation mark. */
function quoted(argument: string): string {
  if (!/[\s"]/.test(argument)) return argument;
  const escaped = argument
    .replace(/(\\*)"/g, '$1$1\\"')
    .replace(/\\+$/, "$&$&");
  return `"${escaped}"`;
}

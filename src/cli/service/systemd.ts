// Services of systemd: a unit for the server, and one for each client.
import { join } from "node:path";
import {
  MADE_BY,
  serviceArguments,
  type ServiceFile,
  type ServiceManager,
  serviceName,
  type ServiceSpec,
  serviceTitle,
} from "./service_spec.ts";
import { shellWord } from "./texts.ts";

/** Where the units of the machine are. */
const SYSTEM_UNITS = "/etc/systemd/system";
/** The account's declaration, which `systemd-sysusers` reads. */
const ACCOUNT_FILE = "/etc/sysusers.d/sallyport.conf";

/**
 * systemd, the service manager of most Linux systems.
 *
 * @param home The home directory, for services of one person.
 */
export function systemd(home: string): ServiceManager {
  const units = ({ isPersonal }: ServiceSpec) =>
    isPersonal ? join(home, ".config", "systemd", "user") : SYSTEM_UNITS;
  const unitOf = (spec: ServiceSpec) => `${serviceName(spec)}.service`;
  const pathOf = (spec: ServiceSpec) => join(units(spec), unitOf(spec));
  return {
    title: "systemd",
    files: (spec) => [
      ...isOwnAccount(spec) ? [accountFile(spec)] : [],
      { path: pathOf(spec), text: unit(spec) },
    ],
    startCommands: (spec) => [
      ...isOwnAccount(spec) ? accountCommands(spec) : [],
      systemctl(spec, "daemon-reload"),
      systemctl(spec, `enable --now ${unitOf(spec)}`),
    ],
    stopCommands: (spec) => [systemctl(spec, `disable --now ${unitOf(spec)}`)],
    statusCommand: (spec) => systemctl(spec, `status ${unitOf(spec)}`),
    enabledPath: (spec) =>
      join(units(spec), `${targetOf(spec)}.wants`, unitOf(spec)),
  };
}

function systemctl({ isPersonal }: ServiceSpec, action: string): string {
  return isPersonal ? `systemctl --user ${action}` : `sudo systemctl ${action}`;
}

function targetOf({ isPersonal }: ServiceSpec): string {
  return isPersonal ? "default.target" : "multi-user.target";
}

function isOwnAccount({ isPersonal, account }: ServiceSpec): boolean {
  return !isPersonal && account === "sallyport";
}

/** The declaration of the account of services. */
export function accountFile({ account }: ServiceSpec): ServiceFile {
  return {
    path: ACCOUNT_FILE,
    text: `# ${MADE_BY}\nu ${account} - "Sallyport" /var/lib/sallyport\n`,
  };
}

/** The account must read the file, which may contain an access key. */
function accountCommands({ account, configFile }: ServiceSpec) {
  const file = shellWord(configFile);
  return [
    `sudo systemd-sysusers ${ACCOUNT_FILE}`,
    `sudo chown root:${account} ${file}`,
    `sudo chmod 640 ${file}`,
  ];
}

/** The name of a client in a unit that is for all clients: `sallyport-client@.service`. */
export const ANY_CLIENT = "%i";

/** The text of a unit, with a comment where a line may surprise. */
export function unit(spec: ServiceSpec): string {
  const words = serviceArguments(spec).map((word) =>
    spec.instance === ANY_CLIENT
      ? argument(word).replaceAll("%%i", ANY_CLIENT)
      : argument(word)
  );
  const command = [quoted(spec.program), ...words];
  return [
    `# ${MADE_BY}`,
    `# Change it with "systemctl edit", which survives an upgrade.`,
    "[Unit]",
    `Description=${serviceTitle(spec)}`,
    "Wants=network-online.target",
    "After=network-online.target",
    "# What is not reachable yet is tried for ever.",
    "StartLimitIntervalSec=0",
    "",
    "[Service]",
    "Type=exec",
    `ExecStart=${command.join(" ")}`,
    "# Reads certificates again, and opens the log file anew.",
    "ExecReload=/bin/kill -HUP $MAINPID",
    "Restart=on-failure",
    "RestartSec=5",
    "# A restart does not help: 1 is a mistake in the configuration, 4 is a",
    "# client that another one of the same name has replaced.",
    "RestartPreventExitStatus=1 4",
    ...stopLines(spec),
    "LimitNOFILE=65536",
    ...spec.isPersonal ? [] : machineLines(spec),
    "",
    "[Install]",
    `WantedBy=${targetOf(spec)}`,
    "",
  ].join("\n");
}

function stopLines({ kind }: ServiceSpec): readonly string[] {
  return kind === "server"
    ? [
      "# More than --shutdown-timeout, 30 s by default.",
      "TimeoutStopSec=60",
    ]
    : [
      "# Running jobs have this long to finish. Raise --shutdown-timeout with it.",
      "TimeoutStopSec=10min",
    ];
}

/** What only the manager of the machine can do: another account, and a view of the system that has little in it. */
function machineLines(spec: ServiceSpec): readonly string[] {
  return [
    "",
    `User=${spec.account}`,
    "UMask=0077",
    ...spec.dataDir === undefined ? [] : stateLines(spec.dataDir),
    ...capabilityLines(spec),
    ...SANDBOX,
  ];
}

/** The folder of the data: systemd makes the usual one. */
function stateLines(dataDir: string): readonly string[] {
  return dataDir === "/var/lib/sallyport"
    ? ["StateDirectory=sallyport", "StateDirectoryMode=0700"]
    : [`ReadWritePaths=${quoted(dataDir)}`];
}

function capabilityLines({ kind }: ServiceSpec): readonly string[] {
  return kind === "server"
    ? [
      "# For ports below 1024, such as 443.",
      "CapabilityBoundingSet=CAP_NET_BIND_SERVICE",
      "AmbientCapabilities=CAP_NET_BIND_SERVICE",
    ]
    : ["CapabilityBoundingSet="];
}

/** MemoryDenyWriteExecute is missing: V8 compiles JavaScript to machine code. */
const SANDBOX: readonly string[] = [
  "NoNewPrivileges=yes",
  "ProtectSystem=strict",
  "ProtectHome=yes",
  "PrivateTmp=yes",
  "PrivateDevices=yes",
  "ProtectClock=yes",
  "ProtectControlGroups=yes",
  "ProtectHostname=yes",
  "ProtectKernelLogs=yes",
  "ProtectKernelModules=yes",
  "ProtectKernelTunables=yes",
  "ProtectProc=invisible",
  "ProcSubset=pid",
  "LockPersonality=yes",
  "RemoveIPC=yes",
  "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK",
  "RestrictNamespaces=yes",
  "RestrictRealtime=yes",
  "RestrictSUIDSGID=yes",
  "SystemCallArchitectures=native",
  "SystemCallFilter=@system-service",
  "SystemCallFilter=~@privileged @resources",
  "SystemCallErrorNumber=EPERM",
];

/** An argument as systemd reads it: `$` stands for itself, as `%` does. */
function argument(text: string): string {
  return quoted(text).replaceAll("$", "$$$$");
}

/** A path as systemd reads it. */
function quoted(text: string): string {
  const escaped = text.replace(/["\\]/g, "\\$&").replaceAll("%", "%%");
  return /[\s"'\\;]/.test(text) ? `"${escaped}"` : escaped;
}

// What a server needs of its machine, and of its files.
import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { databasePath } from "../../config/data_dir.ts";
import type { ServerConfig } from "../../config/options/server_config.ts";
import { readPem } from "../../config/values/read_pem.ts";
import { systemReason } from "../../log/system_reason.ts";
import { type Address, formatAddress } from "../../net/address/address.ts";
import { countFreeFiles } from "../../net/listen/file_budget.ts";
import { listenTcp } from "../../net/listen/listen.ts";
import { describeAuthorities } from "../../server/tls/rotation.ts";
import { MissingDatabaseError } from "../../store/database.ts";
import {
  claimDataDirectory,
  DataDirectoryInUseError,
} from "../../store/data_directory.ts";
import type { Services } from "../services.ts";
import {
  type Check,
  fail,
  type Finding,
  messageOf,
  ok,
  warn,
} from "./check.ts";

const DAY = 24 * 3_600_000;
/** Certificates end without a word: so many days before, it is said. */
const EXPIRY_WARNING = 14;
/** A server with fewer free files refuses browsers soon. */
const FEW_FILES = 4_096;
/** With fewer it cannot work at all. */
const TOO_FEW_FILES = 256;
/** What the database and the log need at once, in bytes. */
const ROOM = 4 * 1024 * 1024;
/** The first release is from this year: an earlier clock has lost its time. */
const FIRST_YEAR = 2026;

/** What the checks work with. */
export interface ServerSubject {
  readonly config: ServerConfig;
  readonly services: Pick<Services, "openAccounts">;
}

/** The checks after that of the configuration. None needs another. */
export function serverChecks(subject: ServerSubject): readonly Check[] {
  const { config } = subject;
  return [
    { name: "data directory", look: () => writeData(config) },
    { name: "disk", look: () => fillDisk(config) },
    { name: "file limit", look: () => countFiles() },
    { name: "clock", look: () => readClock() },
    { name: "certificate", look: () => readCertificate(config) },
    { name: "own CAs", look: () => readAuthorities(config) },
    { name: "database", look: () => openDatabase(subject) },
    { name: "ports", look: () => listenEverywhere(config) },
  ];
}

async function writeData({ dataDir }: ServerConfig): Promise<Finding> {
  const remedy = "choose another with --data-dir, or mend its permissions";
  try {
    const { isDirectory } = await Deno.stat(dataDir);
    if (!isDirectory) return fail(`"${dataDir}" is a file`, remedy);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) {
      return warn(
        `"${dataDir}" does not exist yet`,
        "the server makes it at its first start",
      );
    }
    return fail(`Cannot use "${dataDir}": ${systemReason(cause)}`, remedy);
  }
  const reason = await whyNotWritten(dataDir, 1);
  return reason === undefined
    ? ok(`"${dataDir}" can be written`)
    : fail(`Cannot write in "${dataDir}": ${reason}`, remedy);
}

async function fillDisk(
  { dataDir }: ServerConfig,
): Promise<Finding | undefined> {
  if (await whyNotWritten(dataDir, 1) !== undefined) return undefined;
  const reason = await whyNotWritten(dataDir, ROOM);
  return reason === undefined
    ? ok(`${ROOM / 2 ** 20} MiB can be written`)
    : fail(
      `Cannot write ${ROOM / 2 ** 20} MiB in "${dataDir}": ${reason}`,
      "make room on this disk",
    );
}

/** Writes a file and removes it. @returns Why it cannot. */
async function whyNotWritten(
  folder: string,
  bytes: number,
): Promise<string | undefined> {
  const path = join(folder, `.doctor-${crypto.randomUUID()}`);
  try {
    await Deno.writeFile(path, new Uint8Array(bytes), {
      createNew: true,
      mode: 0o600,
    });
    return undefined;
  } catch (cause) {
    return systemReason(cause);
  } finally {
    await Deno.remove(path).catch(() => {});
  }
}

function countFiles(): Promise<Finding> {
  const free = countFreeFiles(FEW_FILES);
  const remedy = "raise the limit of open files (ulimit -n, or LimitNOFILE " +
    "of the service) to 65536";
  const text = `The process can open ${free} more files`;
  const finding = free >= FEW_FILES
    ? ok(`${text}, or more`)
    : free < TOO_FEW_FILES
    ? fail(text, remedy)
    : warn(`${text}; each connection needs one or two`, remedy);
  return Promise.resolve(finding);
}

function readClock(): Promise<Finding> {
  const now = new Date();
  const text = `It is ${now.toISOString()}`;
  return Promise.resolve(
    now.getUTCFullYear() >= FIRST_YEAR
      ? ok(text)
      : fail(`${text}, which is before the first release`, "set the clock"),
  );
}

async function readCertificate(
  { tlsCertFile }: ServerConfig,
): Promise<Finding | undefined> {
  if (tlsCertFile === undefined) return undefined;
  const { subject, validFromDate, validToDate } = new X509Certificate(
    await readPem(tlsCertFile),
  );
  return ageOf(`"${subject.replaceAll("\n", ", ")}"`, {
    ...{ from: validFromDate, to: validToDate },
    remedy: "renew the certificate in --tls-cert-file",
  });
}

async function readAuthorities(
  { dataDir }: ServerConfig,
): Promise<Finding | undefined> {
  const views = await describeAuthorities(dataDir);
  const signing = views.filter(({ isSigning }) => isSigning);
  const [first] = signing.toSorted((a, b) =>
    a.notAfter.getTime() - b.notAfter.getTime()
  );
  return first &&
    ageOf(`The CA for the ${first.kind}`, {
      ...{ from: undefined, to: first.notAfter },
      remedy: `make another one with sallyport ca rotate ${first.kind}`,
    });
}

function ageOf(
  what: string,
  { from, to, remedy }: {
    readonly from: Date | undefined;
    readonly to: Date;
    readonly remedy: string;
  },
): Finding {
  const now = Date.now();
  if (from !== undefined && from.getTime() > now) {
    return fail(
      `${what} is not valid before ${from.toISOString()}`,
      "check the clock of this machine",
    );
  }
  const days = Math.floor((to.getTime() - now) / DAY);
  if (days < 0) {
    return fail(`${what} has expired at ${to.toISOString()}`, remedy);
  }
  const text = `${what} is valid for ${days} more days`;
  return days < EXPIRY_WARNING ? warn(text, remedy) : ok(text);
}

async function openDatabase(
  { config: { dataDir, users }, services }: ServerSubject,
): Promise<Finding> {
  const path = databasePath(dataDir);
  try {
    using accounts = await services.openAccounts(path, { mustExist: true });
    const count = accounts.listUsers().length;
    return count === 0
      ? warn("There are no users", "add one with sallyport user add NAME")
      : ok(`It has ${count} ${count === 1 ? "user" : "users"}`);
  } catch (error) {
    if (!(error instanceof MissingDatabaseError)) throw error;
    return users.length > 0
      ? ok("The server makes it at its first start, with the given users")
      : warn(
        "There are no users yet",
        "add one with sallyport user add NAME",
      );
  }
}

/** A running server has its ports: then they are as they should be. */
async function listenEverywhere(config: ServerConfig): Promise<Finding> {
  if (await isServing(config.dataDir)) {
    return ok("A server runs on this data directory, and has them");
  }
  const addresses = [
    config.address,
    config.tunnelAddress,
    config.proxyAddress,
  ].filter((each): each is Address => typeof each === "object");
  for (const address of addresses) {
    try {
      listenTcp(address).close();
    } catch (error) {
      return fail(messageOf(error));
    }
  }
  return ok(`${addresses.map(formatAddress).join(", ")} are free`);
}

async function isServing(dataDir: string): Promise<boolean> {
  // A folder that is not there would be made.
  if (!await Deno.stat(dataDir).then(() => true, () => false)) return false;
  try {
    using _claim = await claimDataDirectory(dataDir);
    return false;
  } catch (error) {
    return error instanceof DataDirectoryInUseError;
  }
}

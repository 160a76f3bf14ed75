/** Real curl, whose requests go through a tunnel with plugins. @module */
import { run } from "../testing/process.ts";
import type { RunningSystem } from "../testing/running_system.ts";

/** What curl got. */
export interface CurlReply {
  /** 0 when all went well; 52 and 56 are a connection that ended early. */
  readonly exit: number;
  /** Of the last response; 0 without one. */
  readonly status: number;
  readonly text: string;
  /** The first line of a field. */
  get(name: string): string | undefined;
}

const MARK = "=report=";
/** What curl writes to standard error behind each response. */
const REPORT =
  `%{stderr}${MARK}{"status":"%{response_code}","fields":%{header_json}}`;

/** Asks for a URL, and for those that are among `args`. The test that calls it needs `curl`. */
export async function curl(
  { proxyUrlWithCredentials }: RunningSystem,
  url: string,
  ...args: readonly string[]
): Promise<CurlReply> {
  const { code, stdout, stderr } = await run("curl", [
    ...["--silent", "--proxy", proxyUrlWithCredentials],
    ...["--write-out", REPORT, ...args, url],
  ]);
  const { status, fields }: {
    status: string;
    fields: Record<string, string[]>;
  } = JSON.parse(stderr.split(MARK).at(-1) ?? "");
  return {
    exit: code,
    status: Number(status),
    text: stdout,
    get: (name) => fields[name.toLowerCase()]?.[0],
  };
}

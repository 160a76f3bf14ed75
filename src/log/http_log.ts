/** The parts of a client that send or receive HTTP messages: its status API, its proxy, and its calls of the REST API. */
export const HTTP_LOG_MODULES: readonly HttpLogModule[] = [
  "api",
  "proxy",
  "control",
];

/** A part of a client that sends or receives HTTP messages. */
export type HttpLogModule = "api" | "proxy" | "control";

/**
 * How much: nothing; a line with the URL, without or with its query; header
 * fields too; content too; or header fields where the status is 500 or more.
 */
export const HTTP_LOG_MODES: readonly HttpLogMode[] = [
  "none",
  "short-url",
  "url",
  "headers",
  "body",
  "errors",
];

/** How much of HTTP messages is logged. */
export type HttpLogMode =
  | "none"
  | "short-url"
  | "url"
  | "headers"
  | "body"
  | "errors";

/** The mode of a module, or of all. */
export interface HttpLogRule {
  /** All when `undefined`. */
  readonly module: HttpLogModule | undefined;
  /** How much is logged. */
  readonly mode: HttpLogMode;
}

/** The mode of every module. */
export type HttpLogTable = Readonly<Record<HttpLogModule, HttpLogMode>>;

/** Later rules replace earlier ones; without any, nothing is logged. */
export function httpLogTable(rules: readonly HttpLogRule[]): HttpLogTable {
  const modeOf = (name: HttpLogModule) =>
    rules.findLast(({ module = name }) => module === name)?.mode ?? "none";
  return {
    api: modeOf("api"),
    proxy: modeOf("proxy"),
    control: modeOf("control"),
  };
}

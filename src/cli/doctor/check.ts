// A check of the doctor, and how checks run one after the other.

/** What a check has found. */
export interface Finding {
  readonly status: "ok" | "warn" | "fail";
  /** What is so: a sentence. */
  readonly text: string;
  /** What to do about it; `undefined` if nothing, or if the text says so. */
  readonly remedy?: string | undefined;
}

/** A line of the report. */
export interface ReportLine extends Omit<Finding, "status"> {
  readonly check: string;
  readonly status: Finding["status"] | "skip";
}

/** A check, or a part of what it takes to open a tunnel. */
export interface Check {
  /** In a few words: `DNS`. */
  readonly name: string;
  /** Whether the checks after it make no sense when it fails. */
  readonly isStep?: boolean;
  /** Looks. `undefined` where there is nothing to look at. */
  look(): Promise<Finding | undefined>;
}

/** Runs checks in their order. A step that fails leaves the rest out. */
export async function runChecks(
  checks: readonly Check[],
): Promise<readonly ReportLine[]> {
  const lines: ReportLine[] = [];
  let failed: string | undefined;
  for (const { name, isStep = false, look } of checks) {
    if (failed !== undefined) {
      const text = `not checked, because "${failed}" has failed`;
      lines.push({ check: name, status: "skip", text });
      continue;
    }
    const found = await lookOnce(look);
    if (found === undefined) continue;
    lines.push({ check: name, ...found });
    if (isStep && found.status === "fail") failed = name;
  }
  return lines;
}

async function lookOnce(
  look: Check["look"],
): Promise<Finding | undefined> {
  try {
    return await look();
  } catch (error) {
    return { status: "fail", text: messageOf(error) };
  }
}

/** All is well. */
export function ok(text: string): Finding {
  return { status: "ok", text };
}

/** Something is wrong. */
export function fail(text: string, remedy?: string): Finding {
  return { status: "fail", text, remedy };
}

/** Something will be wrong, or may be. */
export function warn(text: string, remedy?: string): Finding {
  return { status: "warn", text, remedy };
}

/** What was thrown, as a sentence. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/*
 * Whether this program may start workers with permissions of their own.
 *
 * Deno allows it only where `"unstable": ["worker-options"]` is set. Elsewhere
 * it ends the whole process, with exit code 70, past every `catch`. So a
 * library has to know before it tries.
 */
import process from "node:process";

const FLAG = "--unstable-worker-options";

/** What to do where workers have no permissions of their own. */
export const WORKER_PERMISSIONS_HINT =
  'add "unstable": ["worker-options"] to the deno.json of the program, ' +
  `or start it with ${FLAG}`;

let isAllowed: boolean | undefined;

/** Whether workers may have permissions of their own here. */
export function hasWorkerPermissions(): boolean {
  return isAllowed ??= readFlags()?.includes(FLAG) ?? true;
}

/**
 * The flags that this process would give to a child. Deno has no other way to
 * read them. `fork()` is stopped before it starts anything, so it needs no
 * permission: neither to start programs nor to read the environment.
 *
 * @returns `undefined` in a compiled program, and where Deno has changed.
 */
function readFlags(): readonly string[] | undefined {
  if (Deno.build.standalone) return undefined;
  const { ChildProcess, fork } = process.getBuiltinModule("node:child_process");
  let args: unknown;
  using _env = replaced(Deno.env, "get", () => undefined);
  using _spawn = replaced(ChildProcess.prototype, "spawn", (options) => {
    args = options.args;
  });
  try {
    fork("none", [], { execPath: "none", execArgv: [], env: {} });
  } catch {
    return undefined;
  }
  return Array.isArray(args) ? args : undefined;
}

/** Replaces a method until the result is disposed. */
function replaced(
  object: object,
  name: string,
  value: (first: { readonly args?: unknown }) => unknown,
): Disposable {
  const before = Object.getOwnPropertyDescriptor(object, name);
  Object.defineProperty(object, name, {
    value,
    configurable: true,
    writable: true,
  });
  return {
    [Symbol.dispose]() {
      if (before === undefined) Reflect.deleteProperty(object, name);
      else Object.defineProperty(object, name, before);
    },
  };
}

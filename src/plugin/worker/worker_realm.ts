/*
 * Removes from the worker of a plugin what no permission covers.
 *
 * Deno checks permissions for files, sockets, variables and programs. Without
 * any permission, code can still end the process, write to the terminal, reach
 * other workers, and evaluate strings, which may import unchecked code. All of
 * that is removed before the plugin is loaded.
 */

/** Members of `Deno` that only compute, or that need a permission. All others are removed. */
const KEPT: ReadonlySet<string> = new Set([
  "FsFile",
  "SeekMode",
  "build",
  "connect",
  "connectTls",
  "copyFile",
  "copyFileSync",
  "create",
  "createSync",
  "errors",
  "inspect",
  "listen",
  "lstat",
  "lstatSync",
  "mkdir",
  "mkdirSync",
  "open",
  "openSync",
  "readDir",
  "readDirSync",
  "readFile",
  "readFileSync",
  "readTextFile",
  "readTextFileSync",
  "realPath",
  "realPathSync",
  "remove",
  "removeSync",
  "rename",
  "renameSync",
  "resolveDns",
  "startTls",
  "stat",
  "statSync",
  "truncate",
  "truncateSync",
  "version",
  "writeFile",
  "writeFileSync",
  "writeTextFile",
  "writeTextFileSync",
]);

/** Globals that are removed, besides those of `GPU`, which needs no permission. */
const REMOVED: readonly string[] = [
  // Workers evaluate strings. Channels and locks reach other workers.
  "BroadcastChannel",
  "Lock",
  "LockManager",
  "NavigatorUAData",
  "Worker",
  "WorkerNavigator",
  "navigator",
  // Writes to the disk.
  "Cache",
  "CacheStorage",
  "caches",
  // A plugin communicates through its hooks and its log.
  "onmessage",
  "postMessage",
  // An error in there ends the worker, and the runtime writes it to the terminal.
  "onerror",
  "onunhandledrejection",
  // A leftover of the runtime.
  "nodeBootstrap",
];

/** The global object, or another object that is changed here. */
type Realm = Record<string | symbol, unknown>;

/**
 * Leaves a plugin only what is harmless. Removed functions throw an error that
 * says so.
 *
 * @param console Replaces the runtime's console, which writes to the terminal.
 */
export function restrictRealm(console: unknown): void {
  const realm = globalThis as unknown as Realm;
  const own = realm["Deno"] as Realm;
  put(realm, "Deno", restrictedDeno(own));
  put(realm, "console", console);
  put(realm, "process", restrictedProcess(realm["process"] as Realm));
  for (const name of Object.getOwnPropertyNames(realm)) {
    if (REMOVED.includes(name) || name.startsWith("GPU")) delete realm[name];
  }
  disableEval(realm);
  protectEvents(realm);
}

function restrictedDeno(own: Realm): Realm {
  const restricted: Realm = Object.create(null);
  const errors = own["errors"] as typeof Deno.errors;
  for (const [name, value] of Object.entries(own)) {
    if (KEPT.has(name)) restricted[name] = value;
    else if (typeof value === "function") {
      restricted[name] = throwing((subject) =>
        new errors.NotCapable(
          name === "Command"
            ? `Requires run access to "${subject}", run again with --allow-run`
            : `Deno.${name} is not available to plugins`,
        )
      );
    }
  }
  const { get, has, toObject } = own["env"] as typeof Deno.env;
  // Setting a variable would set it for the whole program.
  restricted["env"] = Object.freeze({ get, has, toObject });
  return Object.freeze(restricted);
}

/** What libraries read from `process`. The rest acts on the process, or leads to other modules. */
function restrictedProcess(
  { arch, platform, version, versions }: Realm,
): Realm {
  const restricted = {
    arch,
    argv: [],
    emitWarning: (): void => {},
    env: {},
    nextTick: (task: (...args: unknown[]) => void, ...args: unknown[]): void =>
      queueMicrotask(() => task(...args)),
    platform,
    version,
    versions: { ...versions as Realm },
  };
  return freezeAll(restricted) as Realm;
}

/** Everything that makes a function of a string: `eval`, and the constructor of each kind of function. */
function disableEval(realm: Realm): void {
  const refuse = (name: string): Realm[string] =>
    throwing(() => new EvalError(`${name} is not available to plugins`));
  put(realm, "eval", refuse("eval"));
  const kinds = [
    function () {},
    async function () {},
    function* () {},
    async function* () {},
  ];
  for (const kind of kinds) {
    const prototype = Object.getPrototypeOf(kind);
    const constructor = refuse("new Function");
    // `instanceof` looks for it.
    put(constructor as Realm, "prototype", prototype);
    put(prototype, "constructor", constructor);
  }
  put(realm, "Function", Function.prototype.constructor);
}

/**
 * Reserves events of the worker itself for the program. An error in a listener
 * ends the worker, and the runtime writes it to the terminal.
 */
function protectEvents(realm: Realm): void {
  const { apply } = Reflect;
  const { prototype } = EventTarget;
  const { addEventListener } = prototype;
  put(prototype as unknown as Realm, "addEventListener", function (
    this: unknown,
    ...args: unknown[]
  ) {
    if (this !== realm && this !== undefined && this !== null) {
      return apply(addEventListener, this, args);
    }
    throw new TypeError("events of the worker are not available to plugins");
  });
  put(realm, "dispatchEvent", prototype.dispatchEvent);
  // Existing listeners, and the objects that dispatch events.
  for (const symbol of Object.getOwnPropertySymbols(realm)) {
    const { value } = Object.getOwnPropertyDescriptor(realm, symbol) ?? {};
    put(realm, symbol, freezeAll(value));
  }
  for (const kind of [Event, ErrorEvent, PromiseRejectionEvent]) {
    Object.freeze(kind.prototype);
  }
  protectPrototype(realm);
  protectIntrinsics();
}

/** Keeps the prototype of the worker: the runtime uses it to dispatch events. */
function protectPrototype(realm: Realm): void {
  const { apply } = Reflect;
  const { setPrototypeOf } = Reflect;
  const keep = (target: unknown): void => {
    if (target !== realm) return;
    throw new TypeError("the prototype of the worker cannot be changed");
  };
  put(Reflect as unknown as Realm, "setPrototypeOf", (
    target: object,
    prototype: object | null,
  ) => (keep(target), setPrototypeOf(target, prototype)));
  const original = Object.setPrototypeOf;
  put(Object as unknown as Realm, "setPrototypeOf", (
    target: unknown,
    prototype: object | null,
  ) => (keep(target), original(target, prototype)));
  const proto = Object.getOwnPropertyDescriptor(Object.prototype, "__proto__");
  Object.defineProperty(Object.prototype, "__proto__", {
    ...proto,
    set(this: unknown, prototype: object | null) {
      keep(this);
      if (proto?.set !== undefined) apply(proto.set, this, [prototype]);
    },
    configurable: false,
  });
  for (
    let level: unknown = Object.getPrototypeOf(realm);
    level !== Object.prototype;
    level = Object.getPrototypeOf(level)
  ) Object.freeze(level);
}

/**
 * Protects what the runtime calls when it waits for messages. An error there
 * makes Deno 2.9 panic, which ends the whole program.
 */
function protectIntrinsics(): void {
  // A `then` there would make every object a promise.
  Object.preventExtensions(Object.prototype);
  Object.freeze(Promise);
  Object.freeze(Promise.prototype);
  const functions = Function.prototype as unknown as Realm;
  for (const name of ["apply", "bind", "call"]) {
    put(functions, name, functions[name]);
  }
}

/** Freezes an object and the objects in it, but not functions. */
function freezeAll(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  for (const part of Object.values(Object.freeze(value))) freezeAll(part);
  return value;
}

/** A function that throws when it is called, with or without `new`. */
function throwing(errorAbout: (subject: unknown) => Error): unknown {
  return function (subject: unknown) {
    throw errorAbout(subject);
  };
}

function put(on: Realm, name: string | symbol, value: unknown): void {
  Object.defineProperty(on, name, {
    value,
    enumerable: Object.prototype.propertyIsEnumerable.call(on, name),
    writable: false,
    configurable: false,
  });
}

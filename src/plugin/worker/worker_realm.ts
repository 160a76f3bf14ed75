/**
 * Takes away, in the worker of a plugin, what no permission governs.
 *
 * Deno checks permissions for files, sockets, variables and programs. Without
 * any permission code can still end the process, write to the terminal, talk to
 * other workers, and run texts, which may import what was not checked. All of
 * that goes before anything of the plugin is loaded.
 *
 * @module
 */

/** Of `Deno`, what only computes, and what Deno checks permissions for. The rest goes. */
const KEPT: ReadonlySet<string> = new Set([
  "FsFile",
  "SeekMode",
  "build",
  "connect",
  "connectTls",
  "errors",
  "inspect",
  "listen",
  "lstat",
  "lstatSync",
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
  "resolveDns",
  "startTls",
  "stat",
  "statSync",
  "version",
]);

/** Global names that go, besides those of `GPU`, which needs no permission. */
const REMOVED: readonly string[] = [
  // Workers run texts; channels and locks reach other workers.
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
  // The plugin speaks through its hooks and its log.
  "onmessage",
  "postMessage",
  // What throws in there ends the worker, and is written to the terminal.
  "onerror",
  "onunhandledrejection",
  // What the runtime forgets there.
  "nodeBootstrap",
];

/** What a realm is, as far as it is changed here. */
type Realm = Record<string | symbol, unknown>;

/**
 * Leaves a plugin what is harmless. What is taken throws an error that says so.
 *
 * @param console What takes the place of the runtime's, which writes to the terminal.
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
            : `Deno.${name} is not given to plugins`,
        )
      );
    }
  }
  const { get, has, toObject } = own["env"] as typeof Deno.env;
  // To set a variable would set it for the whole program.
  restricted["env"] = Object.freeze({ get, has, toObject });
  return Object.freeze(restricted);
}

/** What libraries ask Node.js about itself. The rest acts on the process, or leads to other modules. */
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

/** All ways from a text to a function: `eval`, and the constructor of each kind of function. */
function disableEval(realm: Realm): void {
  const refuse = (name: string): Realm[string] =>
    throwing(() => new EvalError(`${name} is not given to plugins`));
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
 * Events of the worker itself are for the program: what is thrown while the
 * runtime tells one ends the worker, and is written to the terminal as it is.
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
    throw new TypeError("events of the worker are not given to plugins");
  });
  put(realm, "dispatchEvent", prototype.dispatchEvent);
  // The listeners that are there, and what tells them.
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

/** The worker stays what it is: the runtime looks at its prototype when it tells an event. */
function protectPrototype(realm: Realm): void {
  const { apply } = Reflect;
  const { setPrototypeOf } = Reflect;
  const keep = (target: unknown): void => {
    if (target !== realm) return;
    throw new TypeError("the prototype of the worker stays as it is");
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
 * What the runtime itself calls when it waits for messages: where that throws,
 * Deno 2.9 panics, and the whole program ends.
 */
function protectIntrinsics(): void {
  // A "then" there makes every object a promise.
  Object.preventExtensions(Object.prototype);
  Object.freeze(Promise);
  Object.freeze(Promise.prototype);
  const functions = Function.prototype as unknown as Realm;
  for (const name of ["apply", "bind", "call"]) {
    put(functions, name, functions[name]);
  }
}

/** Freezes an object with all that it holds; functions stay as they are. */
function freezeAll(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  for (const part of Object.values(Object.freeze(value))) freezeAll(part);
  return value;
}

/** Called, or called with `new`, it throws. */
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

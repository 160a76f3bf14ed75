/*
 * Content that a plugin changes or makes, with each call supervised. While it
 * flows, the plugin is in use.
 */
import type { MaybePromise } from "../api/maybe_promise.ts";
import type { BodyPlan, SourcePlan } from "../results/outcomes.ts";
import type { CallOptions, SupervisedPlugin } from "./supervised_plugin.ts";

/** The same change, supervised. */
export function superviseBody(
  plan: BodyPlan | undefined,
  plugin: SupervisedPlugin,
  options: CallOptions,
): BodyPlan | undefined {
  if (plan === undefined || plan.kind === "bytes") return plan;
  const { run, release } = steps(plan, plugin, options);
  if (plan.kind === "text") {
    return {
      ...plan,
      release,
      rewrite: (text) => run(() => plan.rewrite(text)),
    };
  }
  const { transform, flush } = plan;
  return {
    ...plan,
    release,
    transform: (chunk) => run(() => transform(chunk)),
    flush: flush && (() => run(flush)),
  };
}

/** The same content, supervised. */
export function superviseSource(
  source: SourcePlan | undefined,
  plugin: SupervisedPlugin,
  options: CallOptions,
): SourcePlan | undefined {
  if (source === undefined) return undefined;
  // A stream of events may be silent for long. The browser decides how long it waits.
  const patient = { ...options, hasNoTimeLimit: true };
  const { run, release } = steps(source, plugin, patient);
  return {
    pull: () => run(source.pull),
    cancel: () => run(source.cancel),
    release,
  };
}

function steps(
  plan: { readonly release: () => void },
  plugin: SupervisedPlugin,
  options: CallOptions,
): {
  readonly run: <T>(step: () => MaybePromise<T>) => MaybePromise<T>;
  readonly release: () => void;
} {
  const use = plugin.hold();
  return {
    run: (step) => plugin.run({ ...options, isBodyStep: true }, step),
    release() {
      plan.release();
      use[Symbol.dispose]();
    },
  };
}

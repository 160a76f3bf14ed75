/*
 * Content that a plugin changes or makes, supervised. While it flows, the plugin
 * is in use.
 */
import type { BodyPlan } from "../results/outcomes.ts";
import type { CallOptions, SupervisedPlugin } from "./supervised_plugin.ts";

/** The same content, supervised. */
export function superviseBody(
  plan: BodyPlan | undefined,
  plugin: SupervisedPlugin,
  options: CallOptions,
): BodyPlan | undefined {
  if (plan?.kind !== "stream") return plan;
  const { source, isDerived } = plan;
  const use = plugin.hold();
  const step = { ...options, ...isDerived ? CHANGED : MADE };
  return {
    ...plan,
    source: {
      async pull() {
        try {
          const chunk = await plugin.run(step, () => source.pull());
          if (chunk === undefined) use[Symbol.dispose]();
          return chunk;
        } catch (thrown) {
          use[Symbol.dispose]();
          throw options.progress?.failure?.thrown ?? thrown;
        }
      },
      async cancel() {
        try {
          await plugin.run(step, () => source.cancel());
        } finally {
          use[Symbol.dispose]();
        }
      },
    },
  };
}

/** It may pause, as long as something moves. */
const CHANGED = { isBodyStep: true } as const;

/** A stream of events may be silent for long. The browser decides how long it waits. */
const MADE = { isBodyStep: true, hasNoTimeLimit: true } as const;

/**
 * Lint rule: tests start programs in one place.
 *
 * - `one-helper`: only `tests/testing/process.ts` starts programs by name. It
 *   starts those that `tests/testing/needs.ts` lists, for tests that say so, so
 *   that a program that is missing is an ignored test with a reason. The running
 *   Deno is never missing: `new Deno.Command(Deno.execPath(), …)` is free.
 *
 * @module
 */
import { onImports, pathOf } from "./imports.ts";

const IN_TESTS = /\/tests\/(.+)$/;
const HELPER = "testing/process.ts";
const CHILD_PROCESSES = /^(?:node:)?child_process$/;
const RUNNING_DENO = /^Deno\s*\.\s*execPath\s*\(\s*\)$/;

const REPORT = {
  message: "A program is started past tests/testing/process.ts",
  hint: "Use spawn(), run() or TestProcess, and needs() for the test.",
} as const;

/** `Deno`, `globalThis.Deno`. */
function isDeno(node: Deno.lint.Node | null): boolean {
  if (node?.type === "MemberExpression") return nameOf(node) === "Deno";
  return node?.type === "Identifier" && node.name === "Deno";
}

/** What a member expression asks for, written as `.name` or `["name"]`. */
function nameOf({ property, computed }: Deno.lint.MemberExpression): unknown {
  if (property.type === "Literal") return property.value;
  return property.type === "Identifier" && !computed
    ? property.name
    : undefined;
}

/** Whether it is the whole of `new Deno.Command(Deno.execPath(), …)`. */
function startsDeno(
  node: Deno.lint.MemberExpression,
  context: Deno.lint.RuleContext,
): boolean {
  const { parent } = node;
  if (parent.type !== "NewExpression") return false;
  const [command] = parent.arguments;
  return command !== undefined &&
    RUNNING_DENO.test(context.sourceCode.getText(command));
}

const plugin: Deno.lint.Plugin = {
  name: "programs",
  rules: {
    "one-helper": {
      create(context) {
        const path = IN_TESTS.exec(pathOf(context))?.[1];
        if (path === undefined || path === HELPER) return {};
        return {
          ...onImports(context, (node, { specifier }) => {
            if (!CHILD_PROCESSES.test(specifier)) return;
            context.report({ node, ...REPORT });
          }),
          MemberExpression(node) {
            if (!isDeno(node.object) || nameOf(node) !== "Command") return;
            if (startsDeno(node, context)) return;
            context.report({ node, ...REPORT });
          },
          // const { Command } = Deno
          VariableDeclarator(node) {
            if (node.id.type !== "ObjectPattern" || !isDeno(node.init)) return;
            if (!/\bCommand\b/.test(context.sourceCode.getText(node.id))) {
              return;
            }
            context.report({ node, ...REPORT });
          },
        };
      },
    },
  },
};

export default plugin;

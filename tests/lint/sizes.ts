/**
 * Lint rules: a function of the product has at most 60 lines, a file at most
 * 400. Comments and blank lines count: they are read too.
 *
 * @module
 */
import { pathOf } from "./imports.ts";

const MAX_FUNCTION_LINES = 60;
const MAX_FILE_LINES = 400;
const PRODUCT = /\/(src\/.+|main|mod)\.ts$/;

type FunctionNode =
  | Deno.lint.FunctionDeclaration
  | Deno.lint.FunctionExpression
  | Deno.lint.ArrowFunctionExpression;

/** The last line of a file ends with a newline that begins no new one. */
function linesOf(text: string): number {
  return text.replace(/\n$/, "").split("\n").length;
}

const plugin: Deno.lint.Plugin = {
  name: "sizes",
  rules: {
    "max-function-lines": {
      create(context) {
        if (!PRODUCT.test(pathOf(context))) return {};
        const check = (node: FunctionNode) => {
          const lines = linesOf(context.sourceCode.getText(node));
          if (lines <= MAX_FUNCTION_LINES) return;
          context.report({
            node,
            message:
              `A function of ${lines} lines is over ${MAX_FUNCTION_LINES}`,
            hint: "Look for the noun hiding inside.",
          });
        };
        return {
          FunctionDeclaration: check,
          FunctionExpression: check,
          ArrowFunctionExpression: check,
        };
      },
    },
    "max-file-lines": {
      create(context) {
        if (!PRODUCT.test(pathOf(context))) return {};
        return {
          Program(node) {
            const lines = linesOf(context.sourceCode.text);
            if (lines <= MAX_FILE_LINES) return;
            context.report({
              node,
              message: `A file of ${lines} lines is over ${MAX_FILE_LINES}`,
              hint: "Is there a second idea inside?",
            });
          },
        };
      },
    },
  },
};

export default plugin;

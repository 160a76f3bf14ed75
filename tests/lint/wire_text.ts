/**
 * Lint rule: text of messages is taken apart as HTTP says.
 *
 * - `ows-only`: where messages are read or written, whitespace is space and tab
 *   (RFC 9110 §5.6.3). `trim()` and `\s` also take a no-break space and others,
 *   which are bytes of the value to other readers: one could be told that a
 *   request ends elsewhere. `trimOws()` in `src/http/tokens.ts` is for that.
 *
 * @module
 */
import { pathOf } from "./imports.ts";

const WIRE = /\/src\/(?:http|http1|http2|http_server|proxy|tunnel)\//;
const TRIMS: readonly string[] = ["trim", "trimStart", "trimEnd"];
const ANY_WHITESPACE = /\\s/i;

const REPORT = {
  message: "Whitespace in a message is space and tab, this takes more",
  hint: "Use trimOws() of src/http/tokens.ts, or name the characters.",
} as const;

const plugin: Deno.lint.Plugin = {
  name: "wire-text",
  rules: {
    "ows-only": {
      create(context) {
        if (!WIRE.test(pathOf(context))) return {};
        return {
          MemberExpression(node) {
            const { property } = node;
            if (property.type !== "Identifier") return;
            if (TRIMS.includes(property.name)) {
              context.report({ node, ...REPORT });
            }
          },
          Literal(node) {
            if (!("regex" in node)) return;
            if (ANY_WHITESPACE.test(context.sourceCode.getText(node))) {
              context.report({ node, ...REPORT });
            }
          },
        };
      },
    },
  },
};

export default plugin;

/**
 * Lint rule: tests wait for events of the log, not for patterns over its text.
 *
 * - `log-events`: `waitFor(pattern)` of a program is for the files below only.
 *   `waitFor()` of a browser's page is free.
 *
 * @module
 */
import { pathOf } from "./imports.ts";

const IN_TESTS = /\/tests\/(.+)$/;

/** File → what it waits for, which is not a line of our log. */
const TEXT: Readonly<Record<string, string>> = {
  "bench/bench.ts": "the port that the origin of the benchmarks prints",
  "bench/generate.ts": "the report of a load generator",
  "bench/place.ts": "the first line of other programs",
  "cli/plugin/try_plugins_test.ts": "the results that --watch prints",
  "conformance/http2_client_test.ts": "the output of h2spec's counterpart",
  "faults/hang_up_test.ts": "what the demo prints for people",
  "plugins/cookbook/grpc_json_test.ts": "the port that a server of gRPC prints",
  "programs/http2/hostile_nightly.ts": "the last line of the hostile peer",
  "programs/idle_connections_nightly.ts": "the report of idle browsers",
  "programs/memory_limit_nightly.ts": "the reports of strangers and browsers",
  "programs/websockets/websockets_nightly.ts": "the output of other programs",
  "security/nobody_is_asked_for_permissions_test.ts": "a question of Deno",
  "security/soak.ts": "the report of a stranger",
  "security/strangers_use_up_nothing_test.ts": "the report of a stranger",
  "system/carries_grpc_test.ts": "the port that a server of gRPC prints",
  "system/demonstrates_itself_test.ts": "what the demo prints for people",
  "system/stays_live_in_a_terminal_test.ts": "the block in a terminal",
  "testing/dnsmasq.ts": "the output of dnsmasq",
  "testing/process_test.ts": "the output of any program",
  "testing/webdriver.ts": "the output of ChromeDriver",
};

const plugin: Deno.lint.Plugin = {
  name: "waits",
  rules: {
    "log-events": {
      create(context) {
        const path = IN_TESTS.exec(pathOf(context))?.[1];
        if (path === undefined || Object.hasOwn(TEXT, path)) return {};
        return {
          'CallExpression[callee.property.name="waitFor"]'(
            node: Deno.lint.CallExpression,
          ) {
            const [first] = node.arguments;
            if (first === undefined || first.type === "ObjectExpression") {
              return;
            }
            context.report({
              node,
              message: "A test waits for a pattern over the text of the log",
              hint:
                'Wait for an event: process.event("connection lost", { … }).',
            });
          },
        };
      },
    },
  },
};

export default plugin;

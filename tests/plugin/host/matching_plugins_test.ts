import assert from "node:assert/strict";
import fc from "fast-check";
import type { Match } from "../../../src/plugin/api/match.ts";
import { MatchingPlugins } from "../../../src/plugin/host/matching_plugins.ts";
import { SupervisedPlugin } from "../../../src/plugin/host/supervised_plugin.ts";
import { matcherOf } from "../../../src/plugin/results/match_requests.ts";
import type { RunningPlugin } from "../../../src/plugin/running/running_plugin.ts";
import { requestOf } from "../exchanges.ts";

function pluginOf(
  name: string,
  own: readonly Match[] | undefined,
  configured: readonly Match[] | undefined,
): SupervisedPlugin {
  const running: Partial<RunningPlugin> = {
    ...{ name, match: own, hooks: new Set(["request"] as const) },
  };
  return new SupervisedPlugin(running as RunningPlugin, { match: configured });
}

const HOSTS = ["a.test", "B.test", "*.test", "[::1]", "a.test1", "*"];

const MATCHES = fc.option(
  fc.array(
    fc.record({
      host: fc.oneof(
        fc.constantFrom(...HOSTS),
        fc.array(fc.constantFrom(...HOSTS), { minLength: 1, maxLength: 2 }),
      ),
      path: fc.constantFrom("/x", "/*"),
      method: fc.constantFrom("GET", "POST"),
      job: fc.constant("j1"),
    }, { requiredKeys: [] }),
    { minLength: 1, maxLength: 2 },
  ),
  { nil: undefined },
);

Deno.test("the plugins of a request are those whose match accepts it, in order", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(MATCHES, MATCHES), { maxLength: 5 }),
      fc.constantFrom(
        "http://a.test/x?y=/z",
        "http://A.TEST:8080/x",
        "http://b.test/",
        "http://a.test1/x",
        "http://[::1]:81/x",
        "http://[::1]/x",
        "http://other.example/x",
      ),
      fc.option(fc.constant("j1"), { nil: undefined }),
      (matches, url, job) => {
        const plugins = matches.map(([own, configured], at) =>
          pluginOf(`p${at}`, own, configured)
        );
        const { hostname, pathname } = new URL(url);
        const subject = { host: hostname, path: pathname, method: "GET", job };
        const expected = plugins.filter((_, at) =>
          matches[at]?.every((each) => matcherOf(each)(subject))
        );

        const found = new MatchingPlugins(plugins).of(requestOf(url), job);

        assert.deepEqual(
          found.map(({ name }) => name),
          expected.map(({ name }) => name),
        );
      },
    ),
  );
});

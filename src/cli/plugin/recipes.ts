// The recipes of `plugins/` as they are, for `sallyport plugin new --recipe`. They
// are text: none of them runs here.
import addHeader from "../../../plugins/add_header.ts" with { type: "text" };
import basicAuth from "../../../plugins/basic_auth.ts" with { type: "text" };
import blockHosts from "../../../plugins/cookbook/block_hosts.ts" with {
  type: "text",
};
import chaos from "../../../plugins/cookbook/chaos.ts" with { type: "text" };
import dnsRoundRobin from "../../../plugins/cookbook/dns_round_robin.ts" with {
  type: "text",
};
import flagCookie from "../../../plugins/cookbook/flag_cookie.ts" with {
  type: "text",
};
import geoAndClock from "../../../plugins/cookbook/geo_and_clock.ts" with {
  type: "text",
};
import graphqlMock from "../../../plugins/cookbook/graphql_mock.ts" with {
  type: "text",
};
import grpcJson from "../../../plugins/cookbook/grpc_json.ts" with {
  type: "text",
};
import injectScript from "../../../plugins/cookbook/inject_script.ts" with {
  type: "text",
};
import mockResponse from "../../../plugins/mock_response.ts" with {
  type: "text",
};
import oauthRefresh from "../../../plugins/cookbook/oauth_refresh.ts" with {
  type: "text",
};
import pinDns from "../../../plugins/pin_dns.ts" with { type: "text" };
import proxyPerHost from "../../../plugins/cookbook/proxy_per_host.ts" with {
  type: "text",
};
import recordReplay from "../../../plugins/cookbook/record_replay.ts" with {
  type: "text",
};
import retry from "../../../plugins/cookbook/retry.ts" with { type: "text" };
import rewriteHost from "../../../plugins/rewrite_host.ts" with {
  type: "text",
};
import slowRequests from "../../../plugins/slow_requests.ts" with {
  type: "text",
};
import splitByJob from "../../../plugins/cookbook/split_by_job.ts" with {
  type: "text",
};
import sseEdit from "../../../plugins/cookbook/sse_edit.ts" with {
  type: "text",
};
import streamReplace from "../../../plugins/cookbook/stream_replace.ts" with {
  type: "text",
};
import throttle from "../../../plugins/cookbook/throttle.ts" with {
  type: "text",
};
import websocketMessages from "../../../plugins/cookbook/websocket_messages.ts" with {
  type: "text",
};
import websocketMock from "../../../plugins/cookbook/websocket_mock.ts" with {
  type: "text",
};
import { fieldsIn } from "../../config/field.ts";
import { choice } from "../../config/values/values.ts";

/** The recipes by name: the name of the file. */
const RECIPES = {
  "add_header": addHeader,
  "basic_auth": basicAuth,
  "block_hosts": blockHosts,
  "chaos": chaos,
  "dns_round_robin": dnsRoundRobin,
  "flag_cookie": flagCookie,
  "geo_and_clock": geoAndClock,
  "graphql_mock": graphqlMock,
  "grpc_json": grpcJson,
  "inject_script": injectScript,
  "mock_response": mockResponse,
  "oauth_refresh": oauthRefresh,
  "pin_dns": pinDns,
  "proxy_per_host": proxyPerHost,
  "record_replay": recordReplay,
  "retry": retry,
  "rewrite_host": rewriteHost,
  "slow_requests": slowRequests,
  "split_by_job": splitByJob,
  "sse_edit": sseEdit,
  "stream_replace": streamReplace,
  "throttle": throttle,
  "websocket_messages": websocketMessages,
  "websocket_mock": websocketMock,
};

/** A recipe, such as `chaos`. */
export type RecipeName = keyof typeof RECIPES;

/** Their names, in the order of the alphabet. */
export const RECIPE_NAMES = Object.keys(RECIPES) as [
  RecipeName,
  ...RecipeName[],
];

const field = fieldsIn("A new plugin", { inFile: false });

/** What `sallyport plugin new` takes about recipes. */
export const RECIPE_FIELDS = {
  recipe: field(choice(...RECIPE_NAMES).optional(), {
    placeholder: "recipe",
    defaultText: "a template with all hooks",
    summary: "Recipe to start from, such as chaos",
    help: `Recipe to start from. There are ${RECIPE_NAMES.join(", ")}. The ` +
      "first comment of the new file says what it does, and how to configure " +
      "it.",
  }),
};

/**
 * A recipe for a file of one's own.
 *
 * @param path Where the file is: for the configuration in its first comment.
 */
export function recipeText(recipe: RecipeName, path: string): string {
  const isPlain = /^[\w./][\w./-]*$/.test(path);
  // In quotes, "\\/" is a slash too; "*" and "/" would end the comment.
  const use = isPlain ? path : JSON.stringify(path).replaceAll("*/", "*\\/");
  return RECIPES[recipe]
    .replace(OWN_USE, (_, before: string) => before + use);
}

/** Where a first comment names its own file. */
const OWN_USE = /^( \* +- use: )\S+$/m;

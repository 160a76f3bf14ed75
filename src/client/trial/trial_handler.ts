import type {
  ExchangeContext,
  Handler,
  ProxyRequest,
} from "../../http/exchange.ts";
import type { Address } from "../../net/address/address.ts";
import type { PluginConnection } from "../../plugin/host/chain.ts";
import type { PluginWay } from "../../plugin/host/plugin_sender.ts";
import type { Plugins } from "../../plugin/host/plugins.ts";
import { originOf } from "../../proxy/origin.ts";

/** What would happen to a request behind the plugins. */
export interface TrialStep {
  /** The request as the site would receive it. */
  readonly request: ProxyRequest;
  /** Where it would lead without `connect` hooks. */
  readonly target: Address;
  /** What the `connect` hooks made of it. */
  readonly redirectedTo: PluginConnection;
  /** The result of the `resolve` hooks. */
  readonly addresses: readonly string[] | undefined;
}

/**
 * Sends requests through plugins without a tunnel, and without a network: all
 * hooks of a request are called, in the order of a client.
 *
 * @param site Responds in place of all sites.
 * @param onStep Hears of each request that would reach a site.
 */
export function trialHandler(
  plugins: Plugins,
  site: Handler,
  onStep: (step: TrialStep) => void = () => {},
): Handler {
  return plugins.intercept(async (request, context) => {
    onStep(await stepOf(request, { plugins, context }));
    return await site(request, context);
  });
}

/** The way of `context.fetch`: the same site responds. */
export function trialWay(site: Handler): PluginWay {
  return {
    handler: site,
    explain: (cause) => ({
      reason: "siteFailed",
      message: cause instanceof Error ? cause.message : String(cause),
    }),
  };
}

async function stepOf(
  request: ProxyRequest,
  { plugins, context }: {
    readonly plugins: Plugins;
    readonly context: ExchangeContext;
  },
): Promise<TrialStep> {
  const { hostname, port } = originOf(request);
  const target = { hostname, port, kind: "request" } as const;
  const redirectedTo = await plugins.connect(target, context);
  const { hostname: name } = redirectedTo.place;
  const addresses = await plugins.resolve(name, context);
  return { request, target, redirectedTo, addresses };
}

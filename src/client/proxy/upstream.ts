/**
 * Which proxies a client reaches sites through: none, one, or those that a PAC
 * script chooses.
 */
import { networkInterfaces } from "node:os";
import { logger } from "../../log/log.ts";
import { formatAddress } from "../../net/address/address.ts";
import type { Resolver } from "../../net/names/resolver.ts";
import { PacScript } from "../../pac/pac_script.ts";
import type { ChooseProxies } from "../../proxy/routes.ts";
import type { ClientOptions } from "../options.ts";

const log = logger("proxy");

/** What chooses proxies; disposing it ends the script. */
export interface Upstream extends Disposable {
  /** `undefined` where sites are reached directly. */
  readonly choose: ChooseProxies | undefined;
}

/**
 * Makes the choice ready.
 *
 * @param towardsServer The address of this machine that connections to the
 * server have, once there is one. A PAC script is given it first.
 * @throws {TypeError} When both a proxy and a PAC are given.
 * @throws {PacError} When the script is broken.
 */
export async function openUpstream(
  { upstreamProxy, pacText }: Pick<ClientOptions, "upstreamProxy" | "pacText">,
  resolve: Resolver,
  towardsServer: () => string | undefined = () => undefined,
): Promise<Upstream> {
  if (pacText !== undefined) {
    if (upstreamProxy !== undefined) {
      throw new TypeError("Cannot use upstreamProxy together with pacText");
    }
    log.info("using PAC proxy");
    return await openPac(pacText, resolve, towardsServer);
  }
  if (upstreamProxy === undefined) {
    log.info("no upstream proxy specified");
    return { choose: undefined, [Symbol.dispose]() {} };
  }
  log.info("using upstream proxy", { address: formatAddress(upstreamProxy) });
  const always = [upstreamProxy];
  return { choose: () => Promise.resolve(always), [Symbol.dispose]() {} };
}

async function openPac(
  source: string,
  resolve: Resolver,
  towardsServer: () => string | undefined,
): Promise<Upstream> {
  const script = await PacScript.load(source, {
    resolve,
    ownAddresses: () => ownAddresses(towardsServer()),
    onAlert: (text) => log.info("alert of the PAC", { text }),
  });
  return {
    choose: ({ hostname, port, secure }, signal) => {
      const authority = formatAddress({ hostname, port });
      const scheme = secure || port === 443 ? "https" : "http";
      return script.find(`${scheme}://${authority}/`, signal);
    },
    [Symbol.dispose]: () => script[Symbol.dispose](),
  };
}

/**
 * The addresses that this machine has towards others.
 *
 * @param first The one that comes first, if this machine has it: machines have
 * addresses of virtual networks that lead nowhere.
 */
export function ownAddresses(first?: string): readonly string[] {
  const all = addressesOfInterfaces();
  if (first === undefined || !all.includes(first)) return all;
  return [first, ...all.filter((each) => each !== first)];
}

function addressesOfInterfaces(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((each) => each ?? [])
    .filter(({ internal, address }) =>
      !internal && !address.startsWith("fe80:")
    )
    .map(({ address }) => address);
}

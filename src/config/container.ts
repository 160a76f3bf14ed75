// What differs in a container.
import type { Environment } from "./sources/environment.ts";

/** Whether the program runs in a container: its image sets `PLATFORM=container`. */
export function isContainer(
  environment: Environment = (name) => Deno.env.get(name),
): boolean {
  return environment("PLATFORM") === "container";
}

/**
 * The host that a server listens on by default. In a container loopback would
 * be of no use: other containers and published ports come from outside.
 */
export function defaultListenHost(environment?: Environment): string {
  return isContainer(environment) ? "0.0.0.0" : "127.0.0.1";
}

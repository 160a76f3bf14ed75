/**
 * The program with a client that only pretends, for tests that send signals.
 *
 * Usage: `fake_program.ts graceful|stuck|starting [arguments]`
 */
import { main } from "../../src/cli/cli.ts";
import { SERVICES } from "../../src/cli/services.ts";
import { logger } from "../../src/log/log.ts";

const [mode, ...args] = Deno.args;
const log = logger("control");
const never = Promise.withResolvers<never>().promise;
/** Keeps the process alive, as sockets would. */
const alive = Deno.listen({ hostname: "127.0.0.1", port: 0 });

Deno.exitCode = await main(args, {
  services: {
    ...SERVICES,
    startClient: async ({ signal }) => {
      log.info("up");
      if (mode === "starting") {
        await new Promise((_, reject) => {
          signal?.addEventListener("abort", () => reject(signal.reason));
        });
      }
      return {
        done: never,
        stop: async (reason) => {
          log.info("stopping", { reason });
          if (mode === "stuck") await never;
        },
        [Symbol.asyncDispose]: () => Promise.resolve(),
      };
    },
  },
});
alive.close();

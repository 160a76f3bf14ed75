/** Requests that readers disagree about, before sites of other makes. */
import { installed } from "../tools.ts";
import {
  type RealOrigin,
  startApache,
  startGo,
  startLighttpd,
  startNginx,
  startUvicorn,
} from "./origins.ts";
import { playTable } from "./play_table.ts";

/** Program → how a site on it is started. */
const MAKES: Readonly<Record<string, () => Promise<RealOrigin>>> = {
  nginx: startNginx,
  apache2: startApache,
  lighttpd: startLighttpd,
  go: startGo,
  uvicorn: startUvicorn,
};

for (const [make, start] of Object.entries(MAKES)) {
  Deno.test({
    ...installed(make),
    name: `no request means something else to a site on ${make}`,
    async fn() {
      await using origin = await start();
      await playTable(origin);
    },
  });
}

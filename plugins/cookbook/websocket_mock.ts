/**
 * A WebSocket without a site: it accepts subscriptions to prices, and refuses
 * everything else, as the real service does.
 */
import type { Plugin } from "sallyport";

const PRICES: Readonly<Record<string, number>> = { book: 12.5, lamp: 40 };

export default {
  match: { host: "prices.example", path: "/feed" },

  request({ upgrade }) {
    if (upgrade !== "websocket") {
      return new Response("WebSocket only", { status: 426 });
    }
    // Status 200 opens the WebSocket here: no site is asked.
    return new Response();
  },

  message(message) {
    if (message.from !== "browser") return;
    const { id, subscribe } = JSON.parse(String(message.data));
    const answer = (content: object) =>
      message.send("browser", JSON.stringify({ id, ...content }));
    if (!Object.hasOwn(PRICES, subscribe)) return answer({ error: "unknown" });
    answer({ subscribed: subscribe });
    answer({ item: subscribe, price: PRICES[subscribe] });
  },
} satisfies Plugin;

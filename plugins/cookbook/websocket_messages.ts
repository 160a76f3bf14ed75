/**
 * Changes the messages of a WebSocket: prices are what the test wants to see,
 * and advertisements do not arrive.
 *
 * ```yaml
 * plugins:
 *   - use: ./websocket_messages.ts
 *     options: { price: 99 }
 * ```
 */
import type { Plugin } from "sallyport";

interface Options {
  /** The price of everything. */
  readonly price: number;
}

export default {
  match: { host: "shop.example", path: "/live" },

  message(message, { options }) {
    if (message.from !== "site" || typeof message.data !== "string") return;
    const event = JSON.parse(message.data);
    if (event.type === "advertisement") return "drop";
    if (event.type !== "price") return;
    message.data = JSON.stringify({ ...event, price: options.price });
  },
} satisfies Plugin<Options>;

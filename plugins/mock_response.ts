/**
 * Responds for an API that is not built yet, and marks these responses.
 */
import type { Plugin } from "../mod.ts";

const USERS = [
  { id: 1, name: "Ada" },
  { id: 2, name: "Grace" },
];

export default {
  request({ method, url }) {
    if (url.host !== "api.example" || method !== "GET") return;
    if (url.pathname === "/users") return Response.json(USERS);
    const id = /^\/users\/(\d+)$/.exec(url.pathname)?.[1];
    if (id === undefined) return;
    const user = USERS.find((each) => each.id === Number(id));
    if (user === undefined) {
      return new Response("No such user", { status: 404 });
    }
    return Response.json(user);
  },

  response(_response, { url }) {
    if (url.host === "api.example") return { headers: { "X-Mocked": "yes" } };
  },
} satisfies Plugin;

/**
 * Responds for an API that is not built yet, and marks these responses.
 */
import type { Plugin } from "sallyport";

const USERS = [
  { id: 1, name: "Ada" },
  { id: 2, name: "Grace" },
];

export default {
  match: { host: "api.example", path: ["/users", "/users/:id"], method: "GET" },

  request({ url }) {
    if (url.pathname === "/users") return Response.json(USERS);
    const id = Number(url.pathname.split("/").at(-1));
    const user = USERS.find((each) => each.id === id);
    if (user === undefined) {
      return new Response("No such user", { status: 404 });
    }
    return Response.json(user);
  },

  response({ headers }) {
    headers.set("X-Mocked", "yes");
  },
} satisfies Plugin;

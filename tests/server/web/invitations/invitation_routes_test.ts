import assert from "node:assert/strict";
import { startTestServer } from "../../../testing/running_system.ts";
import { USER } from "../../../testing/user.ts";
import { Visitor } from "../../../testing/visitor.ts";

const LINK = /https:\/\/[^<"\s]+\/invitation\?token=[\w.-]+/;
const KEY = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

Deno.test("an admin makes a link at the page, and one person becomes a user by it", async () => {
  await using server = await startTestServer();
  const ca = server.ca?.pem ?? "";
  using admin = new Visitor(ca);
  using guest = new Visitor(ca);
  const form = await admin.open(`${server.url}login?next=/users/invitations`);
  const list = await admin.send(form, "/login", {
    username: USER.name,
    key: USER.key,
  });

  const made = await admin.send(list, "/users/invitations", {
    role: "member",
    team: "web",
    expires: "1",
  });
  const [link = ""] = LINK.exec(made.text) ?? [];
  const welcome = await guest.open(link);
  await guest.open(link);
  assert.match(welcome.text, /as member of team web\. Choose/);
  const taken = await guest.send(welcome, "/invitation", { name: USER.name });
  assert.equal(taken.status, 409);
  assert.match(taken.text, /the name is taken, choose another/);
  const key = await guest.send(taken, "/invitation", { name: "jo" });
  assert.match(key.text, KEY);
  const again = await guest.open(link);

  assert.equal(again.status, 410);
  assert.match(again.text, /was used already, ask for another/);
  const signIn = await guest.open(`${server.url}login`);
  const home = await guest.send(signIn, "/login", {
    username: "jo",
    key: KEY.exec(key.text)?.[0] ?? "",
  });
  assert.match(home.text, /Signed in as<\/span> <b>jo/);
  const after = await admin.open(`${server.url}users/invitations`);
  assert.ok(!LINK.test(after.text));
  assert.match(after.text, />jo</);
});

Deno.test("a link that was revoked, and one that never was, open nothing", async () => {
  await using server = await startTestServer();
  const authorization = `Basic ${btoa(`${USER.name}:${USER.key}`)}`;
  using visitor = new Visitor(server.ca?.pem ?? "");
  const api = `${server.url}rest/v1/${USER.name}/invitations`;
  const ask = async (path: string, method: string, body?: unknown) => {
    const { text, status } = await visitor.step(`${api}${path}`, {
      method,
      headers: { authorization, "content-type": "application/json" },
      ...body === undefined ? {} : { body: JSON.stringify(body) },
    });
    return { status, reply: JSON.parse(text) };
  };
  const made = await ask("", "POST", { role: "team-admin", team: "web" });
  assert.equal(made.status, 201, JSON.stringify(made));
  assert.match(made.reply.url, LINK);

  const gone = await ask(`/${made.reply.id}`, "DELETE");
  const page = await visitor.open(made.reply.url);
  const forged = await visitor.open(`${server.url}invitation?token=a.b`);

  assert.equal(gone.status, 200);
  assert.deepEqual([page.status, forged.status], [404, 404]);
  assert.match(page.text, /it was revoked, or the link is not complete/);
  assert.equal((await ask(`/${made.reply.id}`, "DELETE")).status, 404);
  assert.deepEqual((await ask("", "GET")).reply, { invitations: [] });
  const service = await ask("", "POST", { role: "service" });
  assert.equal(service.status, 400);
});

Deno.test("a page of another site accepts no invitation", async () => {
  await using server = await startTestServer();
  using visitor = new Visitor(server.ca?.pem ?? "");

  const page = await visitor.step(`${server.url}invitation`, {
    method: "POST",
    headers: { "Origin": "https://evil.test" },
    body: new URLSearchParams({ invitation: "a.b", name: "jo" }),
  });

  assert.equal(page.status, 403);
});

/** */
import assert from "node:assert/strict";
import { environmentProxy } from "../../../src/config/sources/environment_proxy.ts";

const read = (variables: Readonly<Record<string, string>>) =>
  environmentProxy((name) => variables[name]);

Deno.test("environmentProxy() reads the proxy and its exceptions", () => {
  assert.deepEqual(
    read({ HTTPS_PROXY: "http://jane:a%40b@proxy:3128", NO_PROXY: ".lab" }),
    {
      proxy: {
        protocol: "http",
        hostname: "proxy",
        port: 3128,
        credentials: { username: "jane", password: "a@b" },
      },
      except: ".lab",
    },
  );
});

Deno.test("environmentProxy() takes names in small letters first, and empty ones for none", () => {
  const { proxy, except } = read({
    ...{ https_proxy: "small:1", HTTPS_PROXY: "large:1" },
    ...{ no_proxy: "", NO_PROXY: "large" },
  });

  assert.deepEqual([proxy?.hostname, except], ["small", "large"]);
  assert.deepEqual(read({ HTTPS_PROXY: "" }), { proxy: undefined, except: "" });
});

Deno.test("environmentProxy() says which variable is wrong, and not what it holds", () => {
  assert.throws(() => read({ HTTPS_PROXY: "ftp://jane:s3cr3t@proxy:21" }), {
    name: "ConfigError",
    message: "Cannot use HTTPS_PROXY for --proxy-server env: " +
      "expected [http|https|socks5://][user:password@]host:port",
  });
});

import assert from "node:assert/strict";

import { ConfigError } from "../../src/config/errors.ts";
import { collectOptions } from "../../src/config/load.ts";
import { load, REQUIRED, SAMPLE, temporaryFile } from "./fixtures.ts";

async function messageOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ConfigError) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error("Nothing was thrown");
}

Deno.test("validateOptions() prefers flag over variable over file over default", async () => {
  await using file = await temporaryFile("c.yaml", "connections: 3\n");
  const args = [...REQUIRED, "--config-file", file.path];
  const variables = { SALLYPORT_CONNECTIONS: "2", SAUCE_CONNECTIONS: "9" };

  const flag = await load([...args, "--connections=1"], variables);
  const variable = await load(args, variables);
  const fallback = await load(args, { SAUCE_CONNECTIONS: "9" });
  const inFile = await load(args);
  const byDefault = await load(REQUIRED);

  const values = [flag, variable, fallback, inFile, byDefault];
  assert.deepEqual(values.map((each) => each.connections), [1, 2, 9, 3, 4]);
});

Deno.test("validateOptions() replaces a list of a weaker place as a whole", async () => {
  const { files } = await load([...REQUIRED, "--files=a", "--files", "b,c"], {
    SALLYPORT_FILES: "x,y,z",
  });

  assert.deepEqual(files, ["a", "b", "c"]);
});

Deno.test("validateOptions() treats an empty variable as not set", async () => {
  const { connections } = await load(REQUIRED, { SALLYPORT_CONNECTIONS: "" });

  assert.equal(connections, 4);
});

Deno.test("collectOptions() finds the file by its variable", async () => {
  await using file = await temporaryFile("c.json", '{"wait": "2m"}');

  const { wait } = await load(REQUIRED, { SALLYPORT_CONFIG_FILE: file.path });

  assert.equal(wait, 120_000);
});

const SAME = {
  "c.yaml":
    "tunnel-name: '007'\naccess-key: s3cr3t\npool: true\nconnections: 8\n" +
    "wait: 1m30s\nfiles:\n  - a,b\n  - c\nnotes: {runner: x}\nmode:\n",
  "c.json": '{"tunnel-name": "007", "access-key": "s3cr3t", "pool": true,\n' +
    '\t"connections": 8, "wait": "1m30s", "files": ["a,b", "c"],' +
    ' "notes": {"runner": "x"}, "mode": null}',
  "c.toml":
    'tunnel-name = "007"\naccess-key = "s3cr3t"\npool = true\nconnections = 8\n' +
    'wait = "1m30s"\nfiles = ["a,b", "c"]\n[notes]\nrunner = "x"\n',
};

for (const [name, text] of Object.entries(SAME)) {
  Deno.test(`validateOptions() reads the same configuration from ${name}`, async () => {
    await using file = await temporaryFile(name, text);

    assert.deepEqual(await load(["--config-file", file.path]), {
      tunnelName: "007",
      accessKey: "s3cr3t",
      configFile: file.path,
      pool: true,
      connections: 8,
      wait: 90_000,
      mode: "deny",
      files: ["a,b", "c"],
      notes: [{ name: "runner", value: "x" }],
    });
  });
}

Deno.test("collectOptions() keeps unquoted YAML values as they are written", async () => {
  await using file = await temporaryFile("c.yaml", "tunnel-name: 007\n");

  const { tunnelName } = await load(["-k=x", "--config-file", file.path]);

  assert.equal(tunnelName, "007");
});

const MISTAKES: readonly {
  readonly args: readonly string[];
  readonly says: string;
}[] = [
  {
    args: ["--tunel-name=a"],
    says: 'unknownName: Cannot use "--tunel-name": no such option, ' +
      'did you mean "--tunnel-name"?',
  },
  {
    args: ["--zzzzzz"],
    says: 'unknownName: Cannot use "--zzzzzz": no such option, see --help',
  },
  {
    args: ["--tunnel-name", "--pool"],
    says: "missingValue: Cannot use --tunnel-name: it needs a value but " +
      "another option follows, write --tunnel-name <value>",
  },
  {
    args: ["-i"],
    says: "missingValue: Cannot use -i: it needs a value but nothing " +
      "follows, write -i <value>",
  },
  {
    args: [...REQUIRED, "--connections=65"],
    says: 'badValue: Cannot use "65" as --connections: expected a whole ' +
      "number from 1 to 64",
  },
  {
    args: [...REQUIRED, "--wait=30"],
    says: 'badValue: Cannot use "30" as --wait: expected a duration such as ' +
      '30s or 1m30s, did you mean "30s"?',
  },
  {
    args: [...REQUIRED, "--mode=perhaps"],
    says: 'badValue: Cannot use "perhaps" as --mode: expected allow or deny',
  },
  {
    args: [...REQUIRED, "--pool=maybe"],
    says: 'badValue: Cannot use "maybe" as --pool: expected true or false',
  },
  {
    args: ["-i=", "-k=x"],
    says: 'badValue: Cannot use "" as -i: expected a value',
  },
  {
    args: ["-i=a"],
    says: "required: Cannot start without --access-key: not set, use the " +
      "flag, SALLYPORT_ACCESS_KEY or --config-file",
  },
  {
    args: [],
    says: "required: Cannot start without --tunnel-name, --access-key: not " +
      "set, use the flags, SALLYPORT_TUNNEL_NAME, SALLYPORT_ACCESS_KEY or " +
      "--config-file",
  },
  {
    args: ["--config-file=/nowhere/c.yaml"],
    says: "badFile: Cannot read the configuration file " +
      '"/nowhere/c.yaml": no such file',
  },
];

for (const { args, says } of MISTAKES) {
  Deno.test(`loading says what is wrong with "${args.join(" ")}"`, async () => {
    assert.equal(await messageOf(load(args)), says);
  });
}

Deno.test("loading names the variable that holds a wrong value", async () => {
  const says = await messageOf(load(REQUIRED, { SAUCE_CONNECTIONS: "many" }));

  assert.match(says, /Cannot use "many" as SAUCE_CONNECTIONS: expected/);
});

Deno.test("collectOptions() returns the positionals that are not options", async () => {
  const environment = () => undefined;
  const args = ["config-file", "-ti", "a", "--", "-x"];

  const { positionals, values } = await collectOptions(SAMPLE, {
    args,
    environment,
  });

  assert.deepEqual(positionals, ["config-file", "-x"]);
  assert.equal(values.get("tunnel-name")?.raw, "a");
  assert.equal(values.get("pool")?.raw, "true");
});

Deno.test("loading never shows the value of a secret in an error", async () => {
  const says = await messageOf(load(["-i=a", "--access-key", "-s3cr3t"]));

  assert.doesNotMatch(says, /s3cr3t/);
});

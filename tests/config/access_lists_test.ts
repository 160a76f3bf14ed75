import assert from "node:assert/strict";
import { listedPaths } from "../../src/config/access_lists.ts";

const PROFILE = "C:\\Users\\jane";

/** The secrets of a server whose data is in this folder. */
function dataIn(folder: string) {
  return [
    { what: "data directory", path: folder, isSecret: true },
    { what: "database", path: `${folder}\\sallyport.db`, isSecret: true },
    { what: "certificate", path: "D:\\certs\\a.pem" },
  ];
}

Deno.test("a data directory outside the profile has the command that closes it", () => {
  assert.deepEqual(listedPaths(dataIn("C:\\ProgramData\\sallyport"), PROFILE), [
    {
      what: "data directory",
      path: "C:\\ProgramData\\sallyport",
      command: 'icacls "C:\\ProgramData\\sallyport" /inheritance:r /grant:r ' +
        '"*S-1-3-4:(OI)(CI)F" "*S-1-5-18:(OI)(CI)F" "*S-1-5-32-544:(OI)(CI)F"',
    },
  ]);
});

Deno.test("what is inside the profile is the user's own, in any letter case", () => {
  const inside = dataIn("c:\\users\\JANE\\AppData\\Local\\sallyport");
  assert.deepEqual(listedPaths(inside, PROFILE), []);
});

Deno.test("a secret file gets rights that nothing inherits", () => {
  const path = "D:\\keys\\a.key";
  const [found] = listedPaths([{ what: "key", path, isSecret: true }], PROFILE);
  assert.equal(
    found?.command,
    `icacls "${path}" /inheritance:r /grant:r ` +
      '"*S-1-3-4:F" "*S-1-5-18:F" "*S-1-5-32-544:F"',
  );
});

Deno.test("a folder beside the profile is outside it, and so is all for a service without one", () => {
  assert.equal(listedPaths(dataIn(`${PROFILE}2`), PROFILE).length, 1);
  assert.equal(listedPaths(dataIn(PROFILE), undefined).length, 1);
});

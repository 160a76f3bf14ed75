/**
 * `deno task sbom`: what is in the binary, as a bill of materials in CycloneDX
 * 1.6: the npm packages that the program imports, with versions, licences and
 * checksums, and the runtime.
 *
 * @module
 */
import { join } from "node:path";
import project from "../../deno.json" with { type: "json" };

const PROJECT = join(import.meta.dirname ?? ".", "..", "..");

/** A package that the program imports, as Deno tells. */
export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  readonly dependencies: readonly string[];
  /** Its folder in the cache. */
  readonly localPath: string;
}

/** What `deno info --json` says. */
interface Info {
  readonly modules: readonly { readonly npmPackage?: string }[];
  readonly npmPackages: Readonly<Record<string, NpmPackage>>;
}

/** A licence, by its SPDX identifier. */
interface Licence {
  readonly license: { readonly id: string };
}

/** A part of the program. */
export interface Component {
  readonly type: "application" | "library" | "platform";
  readonly "bom-ref": string;
  readonly name: string;
  readonly version: string;
  readonly licenses: readonly Licence[];
  readonly purl?: string;
  readonly hashes?: readonly {
    readonly alg: "SHA-512";
    readonly content: string;
  }[];
}

/** A bill of materials, as far as it is used here. */
export interface Bom {
  readonly bomFormat: "CycloneDX";
  readonly specVersion: "1.6";
  readonly version: 1;
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly {
    readonly ref: string;
    readonly dependsOn: readonly string[];
  }[];
}

/** The checksums in `deno.lock`, by `name@version`. */
type Checksums = Readonly<Record<string, { readonly integrity: string }>>;

/** The bill of materials of the program. @throws {Error} If a licence or a checksum is not known. */
export async function billOfMaterials(): Promise<Bom> {
  const entries = await importedPackages();
  const checksums: Checksums =
    JSON.parse(await Deno.readTextFile(join(PROJECT, "deno.lock"))).npm;
  const refOf = new Map(
    entries.map(([id, each]) => [id, purl(each)]),
  );
  const root = `pkg:generic/sallyport@${project.version}`;
  const direct = new Set(refOf.values());
  const dependencies = entries.map(([, each]) => {
    const refs = each.dependencies.map((id) => refOf.get(id))
      .filter((ref) => ref !== undefined);
    for (const ref of refs) direct.delete(ref);
    return { ref: purl(each), dependsOn: refs.toSorted() };
  });
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: {
        type: "application",
        "bom-ref": root,
        name: "sallyport",
        version: project.version,
        licenses: [{ license: { id: project.license } }],
      },
    },
    components: [
      {
        type: "platform",
        "bom-ref": `pkg:generic/deno@${Deno.version.deno}`,
        name: "deno",
        version: Deno.version.deno,
        licenses: [{ license: { id: "MIT" } }],
      },
      ...await Promise.all(
        entries.map(([, each]) => component(each, checksums)),
      ),
    ],
    dependencies: [
      {
        ref: root,
        dependsOn: [`pkg:generic/deno@${Deno.version.deno}`, ...direct]
          .toSorted(),
      },
      ...dependencies,
    ],
  };
}

/** The packages that the program imports, and what these need, by `name@version`. */
export async function importedPackages(): Promise<
  readonly (readonly [id: string, NpmPackage])[]
> {
  return packagesOf(await info());
}

async function info(): Promise<Info> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "main.ts"],
    cwd: PROJECT,
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** The packages that modules of the program import, and what these need. */
function packagesOf(
  { modules, npmPackages }: Info,
): readonly (readonly [string, NpmPackage])[] {
  const found = new Map<string, NpmPackage>();
  const waiting = modules.map((each) => each.npmPackage)
    .filter((id) => id !== undefined);
  for (const id of waiting) {
    const entry = npmPackages[id];
    if (entry === undefined || found.has(id)) continue;
    found.set(id, entry);
    waiting.push(...entry.dependencies);
  }
  return [...found].toSorted(([a], [b]) => a < b ? -1 : 1);
}

/** The name that tools of the supply chain use: `pkg:npm/%40scope/name@1.0.0`. */
function purl({ name, version }: NpmPackage): string {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}

async function component(
  each: NpmPackage,
  checksums: Checksums,
): Promise<Component> {
  const { name, version } = each;
  const checksum = checksums[`${name}@${version}`]?.integrity;
  if (checksum === undefined) {
    throw new Error(`deno.lock has no checksum of ${name}@${version}`);
  }
  const content = atob(checksum.replace(/^sha512-/, ""));
  return {
    type: "library",
    "bom-ref": purl(each),
    purl: purl(each),
    name,
    version,
    licenses: [{ license: { id: await licenceOf(each) } }],
    hashes: [{
      alg: "SHA-512",
      content: Array.from(
        content,
        (byte) => byte.charCodeAt(0).toString(16).padStart(2, "0"),
      ).join(""),
    }],
  };
}

/** The licence that the package says of itself. */
async function licenceOf(
  { name, version, localPath }: NpmPackage,
): Promise<string> {
  const text = await Deno.readTextFile(join(localPath, "package.json"));
  const { license } = JSON.parse(text);
  if (typeof license === "string") return license;
  throw new Error(`The licence of ${name}@${version} is not known`);
}

if (import.meta.main) {
  // deno-lint-ignore no-console -- a program for the terminal
  console.log(JSON.stringify(await billOfMaterials(), undefined, 2));
}

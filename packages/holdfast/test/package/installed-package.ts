/** The library as a user gets it: packed, and installed into an empty folder outside the repository. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../../..", import.meta.url));

export interface InstalledPackage extends AsyncDisposable {
  readonly folder: string;
  /** Writes the files, then runs `node` with the arguments in the folder; what it wrote to stdout. */
  readonly node: (files: Readonly<Record<string, string>>, args: readonly string[]) => Promise<string>;
}

/** Packs what is in `dist` now: the caller has built. */
export async function installPackage(): Promise<InstalledPackage> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-install-"));
  const pack = ["pack", "--json", "--ignore-scripts", "--workspace", "holdfast", "--pack-destination", folder];
  const { stdout } = await run("npm", pack, { cwd: root });
  const filename: unknown = Reflect.get(Object(Object.values(JSON.parse(stdout)).at(0)), "filename");
  await writeFile(join(folder, "package.json"), '{ "private": true }\n');
  const install = ["install", "--offline", "--no-audit", "--no-fund", join(folder, String(filename))];
  await run("npm", install, { cwd: folder });
  return {
    folder,
    node: async (files, args) => {
      for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
      try {
        return (await run(process.execPath, [...args], { cwd: folder })).stdout;
      } catch (error) {
        // The compiler writes its findings to stdout, which the message of this error leaves out.
        const { stdout: output } = Object(error) as { readonly stdout?: unknown };
        throw new Error(`node ${args.join(" ")} failed:\n${String(output)}`, { cause: error });
      }
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

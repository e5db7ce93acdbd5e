/** Whether the files that a manifest promises are on the disk. */
import { access, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { PromisedFile } from "./manifest.ts";

/** Node adds endings to `main`, TypeScript to `types`; what `exports` and `bin` say is taken as it is. */
export async function isThere(folder: string, { field, target }: PromisedFile): Promise<boolean> {
  if (target.includes("*")) return await someFileMatches(folder, target);
  const endings =
    field === "main" || field === "module"
      ? ["", ".js", ".json", ".node", "/index.js"]
      : field === "types" || field === "typings"
        ? ["", ".d.ts", "/index.d.ts"]
        : [""];
  for (const ending of endings) if (await exists(join(folder, target + ending))) return true;
  return false;
}

/** In `exports`, the `*` of `./dist/*.js` stands for any path: the pattern is dead when no file matches it. */
async function someFileMatches(folder: string, pattern: string): Promise<boolean> {
  const star = pattern.indexOf("*");
  const parent = pattern.slice(0, pattern.lastIndexOf("/", star) + 1);
  const start = pattern.slice(parent.length, star);
  const end = pattern.slice(star + 1);
  const files = await readdir(join(folder, parent), { recursive: true }).catch(() => []);
  return files.some((file) => file.startsWith(start) && file.endsWith(end) && file.length > start.length + end.length);
}

export async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

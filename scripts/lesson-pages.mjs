// @ts-check
/** Puts each program of the lesson into its page of the guide: docs/guide/lesson/. `npm run docs:lesson` writes it; `--check` only says whether it is up to date. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const guide = new URL("../docs/guide/lesson/", import.meta.url);
const programs = new URL("../examples/lesson/", import.meta.url);
const stale = [];
for (const page of readdirSync(guide).toSorted()) {
  if (page === "README.md") continue;
  const text = readFileSync(new URL(page, guide), "utf8");
  const program = readFileSync(new URL(page.replace(/\.md$/u, ".ts"), programs), "utf8");
  const fresh = text.replace(/(?<=^```ts no-run\n).*?(?=^```$)/msu, () => program);
  if (fresh === text) continue;
  stale.push(page);
  if (!process.argv.includes("--check")) writeFileSync(new URL(page, guide), fresh);
}
if (stale.length > 0) {
  const what = process.argv.includes("--check") ? "not up to date; run npm run docs:lesson" : "written";
  console.error(`${fileURLToPath(guide)}: ${stale.join(", ")}: ${what}`);
  if (process.argv.includes("--check")) process.exitCode = 1;
}

/** docs/guide/debugging.md shows what its programs print: each is run, and what it prints compared with the page. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";
import { afterAll, beforeAll, expect, test } from "../harness.ts";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

interface Shown {
  readonly line: number;
  readonly code: string;
  readonly env: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Each `text` fence, with the program and the command before it. */
function shownOn(page: string): Shown[] {
  const shown: Shown[] = [];
  let code = "";
  let env = {};
  for (const match of page.matchAll(/^```(?<kind>\S+)[^\n]*\n(?<body>[^]*?)^```$/gmu)) {
    const { kind, body = "" } = match.groups ?? {};
    if (kind === "ts") [code, env] = [body, {}];
    if (kind === "sh") env = { HOLDFAST_DEBUG: "1" };
    if (kind === "text") shown.push({ line: page.slice(0, match.index).split("\n").length, code, env, text: body });
  }
  return shown;
}

const all = shownOn(readFileSync(path("../../../../docs/guide/debugging.md"), "utf8"));

test("the page on debugging shows five outputs, two of them of debug mode", () => {
  expect(all.map(({ env }) => Object.keys(env).length)).toEqual([0, 0, 1, 0, 1]);
});

for (const { line, code, env, text } of all)
  test(`what docs/guide/debugging.md shows at line ${line} is what its program prints`, async () => {
    expect(steady(await printed(code, env))).toBe(steady(text));
  }, 40_000);

/** Without what differs from run to run: a loop is interrupted anywhere in its line, and a watchdog that is late itself, on a busy machine, tells of a stall again. */
function steady(text: string): string {
  return text
    .replaceAll(/\b\d+(?:\.\d)? m?s\b/gu, "TIME")
    .replaceAll(/(?<=app\.ts:\d+):\d+/gu, "")
    .replace(/(?<report>holdfast: the event loop has been blocked.*\n.*\n)\k<report>+/u, "$<report>");
}

const cache = path("../../../../.cache");
let folder: string;

/** A project that has the library installed: the source map of a program is then no larger than its own. */
beforeAll(async () => {
  mkdirSync(cache, { recursive: true });
  folder = mkdtempSync(join(realpathSync(cache), "guide-"));
  const installed = join(folder, "node_modules/holdfast");
  const entries = ["index", "sync/index", "lifecycle/index", "inspect/index"];
  await build({
    entryPoints: entries.map((entry) => path(`../../src/${entry}.ts`)),
    outdir: join(installed, "dist"),
    bundle: true,
    splitting: true,
    external: ["holdfast/inspect"],
    format: "esm",
    platform: "node",
    logLevel: "warning",
  });
  const exports = Object.fromEntries(
    entries.map((entry) => [`./${entry}`.replace(/\/index$/u, ""), `./dist/${entry}.js`]),
  );
  writeFileSync(join(installed, "package.json"), JSON.stringify({ name: "holdfast", type: "module", exports }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What it writes to both streams, with places in "app.ts", and those of the library without what changes with it. */
async function printed(code: string, env: Readonly<Record<string, string>>): Promise<string> {
  const options = { loader: "ts", sourcemap: "inline", sourcefile: "app.ts", target: "node20" } as const;
  const program = await transform(code, options);
  const file = join(folder, "app.mjs");
  writeFileSync(file, program.code);
  const text = await new Promise<string>((resolve) => {
    const settings = { timeout: 30_000, env: { ...process.env, ...env } };
    // One program writes to one of them.
    execFile(process.execPath, ["--enable-source-maps", file], settings, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    );
  });
  return (
    text
      .replaceAll(/[^\s(]*\/node_modules\/holdfast\/[^\s)]*/gu, "node_modules/holdfast/…")
      // Bundled here; the package is not, and its classes keep their names.
      .replaceAll("_GroupTask.", "GroupTask.")
      .replaceAll(`file://${folder}/`, "")
      .replaceAll(`${folder}/`, "")
  );
}

/** docs/guide/debugging.md shows what its programs print: each is run, and what it prints compared with the page. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, test } from "../harness.ts";

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

/** Without what differs from run to run (a loop is interrupted anywhere in its line), and the lines of the library. */
function steady(text: string): string {
  return text
    .replaceAll(/\b\d+(?:\.\d)? m?s\b/gu, "TIME")
    .replaceAll(/(?<=app\.ts:\d+):\d+/gu, "")
    .replaceAll(/(?<=holdfast\/\S*\.ts):\d+:\d+/gu, "");
}

/** What it writes to both streams, with places in "app.ts". */
async function printed(code: string, env: Readonly<Record<string, string>>): Promise<string> {
  const cache = path("../../../../.cache");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(realpathSync(cache), "guide-"));
  try {
    writeFileSync(join(folder, "app.ts"), code);
    await build({
      entryPoints: [join(folder, "app.ts")],
      outfile: join(folder, "app.mjs"),
      bundle: true,
      format: "esm",
      platform: "node",
      target: "es2022",
      sourcemap: true,
      logLevel: "warning",
      alias: {
        holdfast: path("../../src/index.ts"),
        "holdfast/sync": path("../../src/sync/index.ts"),
        "holdfast/lifecycle": path("../../src/lifecycle/index.ts"),
        "holdfast/inspect": path("../../src/inspect/index.ts"),
      },
    });
    const text = await new Promise<string>((resolve) => {
      const options = { timeout: 30_000, env: { ...process.env, ...env } };
      const command = ["--enable-source-maps", join(folder, "app.mjs")];
      // One program writes to one of them.
      execFile(process.execPath, command, options, (_error, stdout, stderr) => resolve(stdout + stderr));
    });
    return text
      .replaceAll(`file://${folder}/`, "")
      .replaceAll(`${folder}/`, "")
      .replaceAll(path("../../src/"), "holdfast/");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

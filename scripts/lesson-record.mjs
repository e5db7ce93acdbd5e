// @ts-check
/**
 * Records what the lesson's Python programs print, for examples/test/lesson.test.ts to compare ours with: examples/lesson/recorded/.
 * Run it where the programs and Python 3.11 are: `npm run lesson:record -- [folder of the programs]`. Without them, what was recorded stands.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = resolve(process.argv[2] ?? join(root, "../shared/lesson/python"));
const target = join(root, "examples/lesson/recorded");

/** Seeds chance, notes what was drawn, and runs a program: with this seed a call that fails seven times in ten fails four times first. */
const PYTHON = `
import json, random, runpy, sys
random.seed(int(sys.argv[2]))
draw, drawn = random.random, []
def noted():
    drawn.append(draw())
    return drawn[-1]
random.random = noted
runpy.run_path(sys.argv[1], run_name="__main__")
sys.stdout.flush()
sys.stderr.write("\\n\\x1e" + json.dumps(drawn))
`;
const SEED = 10;

if (!existsSync(folder)) {
  console.error(`no programs at ${folder}; name their folder: npm run lesson:record -- FOLDER`);
  process.exit(66);
}
mkdirSync(target, { recursive: true });
for (const file of readdirSync(folder).toSorted()) {
  if (!file.endsWith(".py")) continue;
  const { stdout, drawn } = run(join(folder, file));
  const name = basename(file, ".py").replaceAll("_", "-");
  writeFileSync(
    join(target, `${name}.json`),
    `${JSON.stringify({ program: file, seed: SEED, drawn, stdout }, undefined, 2)}\n`,
  );
  console.log(`${file}: ${stdout.length} lines`);
}

/** @param {string} path @returns {{ stdout: string[], drawn: number[] }} */
function run(path) {
  const { status, stdout, stderr } = spawnSync("python3", ["-c", PYTHON, path, String(SEED)], {
    encoding: "utf8",
    timeout: 120_000,
  });
  const [, numbers = "[]"] = stderr.split("\n\u001e");
  if (status !== 0) throw new Error(`${basename(path)} exited with ${status}:\n${stderr}`);
  // Where the programs and Python are installed is not a fact about them, nor is the address of an object.
  const lines = stdout
    .replaceAll(/(?<=["\s])\/\S*\//gu, "")
    .replaceAll(/0x[0-9a-f]+/gu, "0x…")
    .trimEnd()
    .split("\n");
  return { stdout: lines, drawn: JSON.parse(numbers) };
}

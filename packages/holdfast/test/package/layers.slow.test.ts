/** Who may import whom, and who may ask for the time, as docs/design.md says: held by the compiler and by lint. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "../harness.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const source = "packages/holdfast/src";

/** Row imports columns, at most by their index.ts (of core also lowlevel.ts). */
const allowed: Readonly<Record<string, readonly string[]>> = {
  core: [],
  sync: ["core"],
  policy: ["core", "sync"],
  batch: ["core", "sync", "policy"],
  lifecycle: ["core", "sync"],
  inspect: ["core", "sync"],
};
const folders = Object.keys(allowed);

/** The compiler projects and the lint rules of the repository, over a library of one constant per folder. */
let skeleton: string;
beforeAll(() => {
  skeleton = mkdtempSync(join(tmpdir(), "holdfast-layers-"));
  for (const path of ["tsconfig.base.json", ".oxlintrc.json", `${source}/globals.d.ts`]) {
    mkdirSync(dirname(join(skeleton, path)), { recursive: true });
    cpSync(join(root, path), join(skeleton, path));
  }
  // For the types of Node, which one folder sees.
  symlinkSync(join(root, "node_modules"), join(skeleton, "node_modules"));
  writeFileSync(join(skeleton, "packages/holdfast/package.json"), '{ "type": "module" }\n');
  for (const folder of folders) {
    mkdirSync(join(skeleton, source, folder));
    cpSync(join(root, source, folder, "tsconfig.json"), join(skeleton, source, folder, "tsconfig.json"));
    writeFileSync(join(skeleton, source, folder, "index.ts"), `export const ${folder}: string = "${folder}";\n`);
  }
});
afterAll(() => rmSync(skeleton, { recursive: true, force: true }));

test("every folder of the library has a row in this table", () => {
  const present = readdirSync(join(root, source), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(present.map(({ name }) => name).toSorted()).toEqual(folders.toSorted());
});

for (const from of folders) {
  for (const to of folders.filter((folder) => folder !== from)) {
    const isAllowed = allowed[from]?.includes(to) === true;
    test(`${from} ${isAllowed ? "may" : "must not"} import ${to}`, () => {
      const findings = judge(from, `export { ${to} } from "../${to}/index.ts";\n`);
      expect(findings).toEqual(isAllowed ? [] : ["TS6307", "no-restricted-imports"]);
    });
  }
}

for (const from of folders.filter((folder) => folder !== "core")) {
  test(`${from} sees of core only index.ts and lowlevel.ts`, () => {
    writeFileSync(join(skeleton, source, "core/lowlevel.ts"), "export const low: number = 1;\n");
    writeFileSync(join(skeleton, source, "core/secret.ts"), "export const secret: number = 1;\n");
    expect(judge(from, `export { low } from "../core/lowlevel.ts";\n`)).toEqual([]);
    expect(judge(from, `export { secret } from "../core/secret.ts";\n`)).toEqual(["no-restricted-imports"]);
  });
}

const forbidden = {
  "a timer": "export const handle: unknown = setTimeout(() => {}, 1);",
  "a date": "export const now: string = String(new Date());",
  "the clock of the host": "export const now: number = performance.now();",
};
for (const [what, code] of Object.entries(forbidden)) {
  test(`${what} belongs into core/clock.ts`, () => {
    expect(lint("policy", `${code}\n`)).toEqual(["no-restricted-globals"]);
    expect(lint("core", `${code}\n`, "clock")).toEqual([]);
  });
}

test("randomness and the platform's combined signals are kept out", () => {
  expect(lint("policy", "export const random: number = Math.random();\n")).toEqual(["no-restricted-properties"]);
  expect(lint("batch", "export const any: unknown = AbortSignal.any([]);\n")).toEqual(["no-restricted-properties"]);
});

test("what globals.d.ts does not list does not compile", () => {
  expect(compile("core", "export const page: unknown = document;\n")).toEqual(["TS2584"]);
  expect(compile("batch", 'export { readFile } from "node:fs/promises";\n')).toEqual(["TS2591"]);
});

/** Compiler codes and lint rules, each once, that a file `probe.ts` with this code gets in a folder. */
function judge(folder: string, code: string): string[] {
  return [...compile(folder, code), ...lint(folder, code)];
}

function compile(folder: string, code: string): string[] {
  const probe = join(skeleton, source, folder, "probe.ts");
  writeFileSync(probe, code);
  const typescript = createRequire(import.meta.url).resolve("typescript/package.json");
  const args = [join(dirname(typescript), "bin/tsc"), "-b", join(skeleton, source, folder), "--pretty", "false"];
  const { stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
  rmSync(probe);
  rmSync(join(skeleton, "packages/holdfast/.cache"), { recursive: true, force: true });
  return unique(stdout.matchAll(/\berror (?<code>TS\d+):/gu));
}

function lint(folder: string, code: string, name = "probe"): string[] {
  const probe = join(skeleton, source, folder, `${name}.ts`);
  writeFileSync(probe, code);
  const { stdout } = spawnSync(join(root, "node_modules/.bin/oxlint"), ["-f", "unix", probe], {
    cwd: skeleton,
    encoding: "utf8",
  });
  rmSync(probe);
  return unique(stdout.matchAll(/\[\w+\/[\w-]+\((?<code>[\w-]+)\)\]/gu));
}

function unique(matches: Iterable<RegExpMatchArray>): string[] {
  return [...new Set([...matches].map((match) => String(match.groups?.["code"])))].toSorted();
}

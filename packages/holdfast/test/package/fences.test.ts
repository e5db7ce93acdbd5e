/** README and guide are true: every `ts` fence compiles against the built package, runs, and does what it says. */
import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, existsSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { transform } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "../harness.ts";
import { fencesOf, withAssertions } from "./fence.ts";
import type { Fence } from "./fence.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const run = promisify(execFile);

const guide = join(root, "docs/guide");
const pages = [
  join(root, "README.md"),
  join(root, "packages/holdfast/README.md"),
  join(root, "packages/holdfast-cli/README.md"),
  ...(existsSync(guide)
    ? readdirSync(guide)
        .filter((name) => name.endsWith(".md"))
        .map((name) => join(guide, name))
    : []),
].filter((path) => existsSync(path));
const fences = pages.flatMap((path) => fencesOf(relative(root, path), readFileSync(path, "utf8")));

/** Inside the repository, so that `holdfast` resolves as it does for a user who installed it. */
let folder: string;
beforeAll(() => {
  mkdirSync(join(root, ".cache"), { recursive: true });
  folder = mkdtempSync(join(root, ".cache/fences-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("every ts fence compiles in strict mode against the published types", () => {
  expect(compile(fences)).toBe("");
});

for (const fence of fences.filter(({ isRun }) => isRun)) {
  test(`the fence at ${fence.page}:${fence.line} runs and does what it says`, async () => {
    await execute(fence);
  });
}

describe("the check of the fences itself", () => {
  const page = (code: string): Fence[] => fencesOf("page.md", `# Title\n\n\`\`\`ts\n${code}\n\`\`\`\n`);
  const only = (code: string): Fence => {
    const [fence] = page(code);
    if (fence === undefined) throw new Error("no fence in the page");
    return fence;
  };

  test("passes true assertions on expressions, declarations, logs and statements over several lines", async () => {
    await execute(
      only(
        `const four = 2 + 2; // => 4\n[four, {\n  a: "x",\n}]; // => [4, { a: "x" }]\nconsole.log(await Promise.resolve(four)); // => 4`,
      ),
    );
  });

  test("fails a false assertion and names its line on the page", async () => {
    await expect(execute(only(`const one: number = 1;\none + 1; // => 3`))).rejects.toThrow(
      "page.md:5: expected 3, got 2",
    );
  });

  test("fails a fence that throws", async () => {
    await expect(execute(only(`throw new Error("boom");`))).rejects.toThrow("boom");
  });

  test("fails a fence that does not compile", () => {
    expect(compile(page(`const text: string = 1;`))).toContain("TS2322");
  });

  test("refuses an unknown flag and an assertion with nothing before it", () => {
    expect(() => fencesOf("page.md", "```ts norun\n```")).toThrow('page.md:1 opens a fence with "```ts norun"');
    expect(() => withAssertions(only("// => 4"))).toThrow('page.md:4: nothing to assert before "// => 4"');
  });

  test("only compiles a fence marked no-run", () => {
    expect(fencesOf("page.md", "```ts no-run\nvoid 0;\n```")).toEqual([
      { page: "page.md", line: 1, code: "void 0;\n", isRun: false },
    ]);
  });
});

/** What the compiler says, with pages instead of files; empty when it has nothing to say. */
function compile(all: readonly Fence[]): string {
  const project = mkdtempSync(join(folder, "types-"));
  const names = new Map(all.map((fence, index) => [`fence-${index}.mts`, fence]));
  for (const [name, { code }] of names) writeFileSync(join(project, name), `${code}export {};\n`);
  const options = {
    target: "ES2022",
    lib: ["ES2023", "DOM"],
    module: "NodeNext",
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    types: ["node"],
    noEmit: true,
  };
  writeFileSync(
    join(project, "tsconfig.json"),
    JSON.stringify({ compilerOptions: options, include: ["*.mts"], files: names.size === 0 ? [] : undefined }),
  );
  if (names.size === 0) return "";
  const typescript = createRequire(import.meta.url).resolve("typescript/package.json");
  try {
    execFileSync(process.execPath, [join(dirname(typescript), "bin/tsc"), "-p", project, "--pretty", "false"], {
      encoding: "utf8",
    });
    return "";
  } catch (error) {
    const output = String(Reflect.get(Object(error), "stdout"));
    return output.replaceAll(/\S*(?<name>fence-\d+\.mts)\((?<line>\d+),/gu, (_, name: string, line: string) => {
      const fence = names.get(name);
      return fence === undefined ? name : `${fence.page}:${fence.line + Number(line)} (`;
    });
  }
}

/** Runs a fence in a process of its own. Rejects with what it wrote to stderr when it fails. */
async function execute(fence: Fence): Promise<void> {
  const { code } = await transform(withAssertions(fence), { loader: "ts", target: "es2022", format: "esm" });
  const program = join(mkdtempSync(join(folder, "run-")), "fence.mjs");
  writeFileSync(program, `${checkFunction(fence.page)}${code}`);
  await run(process.execPath, [program], { timeout: 20_000 });
}

function checkFunction(page: string): string {
  return `import { isDeepStrictEqual as isSame, inspect as show } from "node:util";
function check(actual, expected, line) {
  if (!isSame(actual, expected)) throw new Error(${JSON.stringify(page)} + ":" + line + ": expected " + show(expected) + ", got " + show(actual));
}
`;
}

/** The guide's lint presets are the files that it quotes, and find the mistakes that it shows. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "../harness.ts";
import { fencesOf } from "./fence.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const presets = join(root, "docs/guide/lint");
const page = readFileSync(join(root, "docs/guide/best-practices.md"), "utf8");
const section = page.slice(page.indexOf("\n## The lint rules\n"));

function quoted(language: string): string | undefined {
  return new RegExp(`\\n\`\`\`${language}\\n(?<code>[^]*?\\n)\`\`\`\\n`, "u").exec(section)?.groups?.["code"];
}

/** Lines of a program, each with the rules that find something in it. */
type Findings = Record<number, string[]>;

/** What the comments at the ends of its lines say. */
function announced(program: string): Findings {
  const findings: Findings = {};
  for (const [index, line] of program.split("\n").entries()) {
    const rules = /; \/\/ (?<rules>[a-z, -]+)$|\} \/\/ (?<more>[a-z-]+)$/u.exec(line)?.groups;
    const names = rules?.["rules"] ?? rules?.["more"];
    if (names !== undefined) findings[index + 1] = names.split(", ").toSorted();
  }
  return findings;
}

interface Diagnostic {
  /** "typescript(no-floating-promises)" */
  readonly code: string;
  readonly labels: readonly { readonly span: { readonly line: number } }[];
}

/** What oxlint with the preset says about a program. Inside the repository, so that the program's packages are found. */
function found(program: string): Findings {
  mkdirSync(join(root, ".cache"), { recursive: true });
  const folder = mkdtempSync(join(root, ".cache/lint-"));
  try {
    writeFileSync(join(folder, "program.ts"), program);
    const compilerOptions = { target: "ES2022", module: "NodeNext", strict: true, types: ["node"], noEmit: true };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["program.ts"] }));
    const { stdout, stderr } = spawnSync(
      join(root, "node_modules/.bin/oxlint"),
      // The folder is one that git ignores.
      ["-c", join(presets, "oxlint.json"), "--no-ignore", "--format=json", "program.ts"],
      { cwd: folder, encoding: "utf8", timeout: 60_000 },
    );
    if (!stdout.startsWith("{")) throw new Error(`oxlint gave no report:\n${stdout}${stderr}`);
    // Holds: oxlint's own format.
    const { diagnostics } = JSON.parse(stdout) as { readonly diagnostics: readonly Diagnostic[] };
    const findings: Findings = {};
    for (const { code, labels } of diagnostics) {
      const rules = (findings[labels[0]?.span.line ?? 0] ??= []);
      rules.push(/\((?<rule>.+)\)$/u.exec(code)?.groups?.["rule"] ?? code);
      rules.sort();
    }
    return findings;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const [program] = fencesOf("best-practices.md", section);

test("the presets on the page are the files beside it", () => {
  expect({ oxlint: quoted("json"), eslint: quoted("js") }).toEqual({
    oxlint: readFileSync(join(presets, "oxlint.json"), "utf8"),
    eslint: readFileSync(join(presets, "eslint.config.mjs"), "utf8"),
  });
});

test("both presets have the same rules, with the same options", () => {
  const { rules } = JSON.parse(readFileSync(join(presets, "oxlint.json"), "utf8")) as { readonly rules: object };
  const [, text = ""] =
    /\n {2}rules: (?<rules>\{\n[^]*?\n {2}\}),\n/u.exec(readFileSync(join(presets, "eslint.config.mjs"), "utf8")) ?? [];
  const asJson = text
    .replaceAll(/(?<=[{,] )(?<key>object|property|message):/gu, '"$<key>":')
    .replaceAll(/,(?=\s*[\]}])/gu, "");
  const theirs: unknown = JSON.parse(asJson.replaceAll("@typescript-eslint/", "typescript/"));
  const ours: unknown = JSON.parse(JSON.stringify(rules).replaceAll('"eslint/', '"'));
  expect(ours).toEqual(theirs);
});

test("oxlint with the preset finds each mistake of the page's program, and nothing else", () => {
  const code = program?.code ?? "";
  expect(Object.keys(announced(code)).length).toBeGreaterThan(12);
  expect(found(code)).toEqual(announced(code));
});

test("oxlint with the preset has nothing to say about a program without mistakes", () => {
  const code = `import { all, taskGroup } from "holdfast";
declare function save(text: string): Promise<void>;
await taskGroup(async (group) => {
  await group.spawn(() => save("a")).join();
  group.spawn(() => save("b"));
});
await all([() => save("c"), () => save("d")]);
`;
  expect(found(code)).toEqual({});
});

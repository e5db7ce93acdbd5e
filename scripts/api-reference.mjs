// @ts-check
/**
 * docs/api.md from the doc comments of what the package exports. `npm run docs:api` writes it; with `--check` it only says whether it is up to date.
 * Reads the built declarations, so it can't list what users don't get.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync } from "oxc-parser";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "packages/holdfast/dist/esm");
const target = join(root, "docs/api.md");

/** Each entry of the package, and what it is for. */
const entries = /** @type {const} */ ([
  ["holdfast", "index.d.ts", "Core, batches and the common policies."],
  ["holdfast/sync", "sync/index.d.ts", "Waiting on each other: limits, locks, signs, queues, channels."],
  ["holdfast/lifecycle", "lifecycle/index.d.ts", "Programs: starting, failing, stopping. For Node."],
  ["holdfast/inspect", "inspect/index.d.ts", "What a process waits for. For Node."],
  [
    "holdfast/lowlevel",
    "core/lowlevel.d.ts",
    "What policies, tools and test kits are made of. Programs have no need of it.",
  ],
]);

/** @typedef {{ name: string, file: string, doc: string, code: string }} Entry */

/** @type {Map<string, { text: string, program: import("oxc-parser").Program, comments: import("oxc-parser").Comment[] }>} */
const parsed = new Map();

/** @param {string} file */
function parse(file) {
  const known = parsed.get(file);
  if (known !== undefined) return known;
  const text = readFileSync(file, "utf8");
  const { program, comments } = parseSync(file, text);
  const result = { text, program, comments };
  parsed.set(file, result);
  return result;
}

/** @param {string} file @param {string} specifier */
function resolve(file, specifier) {
  const path = join(dirname(file), specifier.replace(/\.(?:ts|js)$/u, ".d.ts"));
  if (!existsSync(path))
    throw new Error(`${relative(root, file)} re-exports ${specifier}, which is not built; run npm run build`);
  return path;
}

/** Every exported name with the file that declares it. @param {string} file @returns {Map<string, string>} */
function exportsOf(file) {
  /** @type {Map<string, string>} */
  const names = new Map();
  for (const node of parse(file).program.body) {
    if (node.type === "ExportAllDeclaration") {
      for (const [name, from] of exportsOf(resolve(file, node.source.value))) names.set(name, from);
    } else if (node.type === "ExportNamedDeclaration" && node.source !== null) {
      const inner = exportsOf(resolve(file, node.source.value));
      for (const specifier of node.specifiers) {
        const name = specifier.exported.type === "Identifier" ? specifier.exported.name : "";
        names.set(name, inner.get(name) ?? resolve(file, node.source.value));
      }
    } else if (node.type === "ExportNamedDeclaration" && node.declaration !== null) {
      for (const name of namesOf(node.declaration)) names.set(name, file);
    } else if (node.type === "ExportNamedDeclaration") {
      // Imported above, and passed on.
      for (const { exported } of node.specifiers)
        if (exported.type === "Identifier") names.set(exported.name, importedFrom(file, exported.name));
    }
  }
  return names;
}

/** @param {string} file @param {string} name @returns {string} */
function importedFrom(file, name) {
  for (const node of parse(file).program.body) {
    if (node.type !== "ImportDeclaration" || !node.specifiers.some(({ local }) => local.name === name)) continue;
    const from = resolve(file, node.source.value);
    return exportsOf(from).get(name) ?? from;
  }
  return file;
}

/** @param {import("oxc-parser").Declaration} declaration @returns {string[]} */
function namesOf(declaration) {
  if ("id" in declaration && declaration.id !== null && declaration.id.type === "Identifier")
    return [declaration.id.name];
  if (declaration.type === "VariableDeclaration")
    return declaration.declarations.flatMap(({ id }) => (id.type === "Identifier" ? [id.name] : []));
  return [];
}

/** @param {string} comment */
function prose(comment) {
  return comment
    .split("\n")
    .map((line) => line.replace(/^\s*\*? ?/u, ""))
    .join("\n")
    .replace(/^\*+\s?/u, "")
    .replaceAll(/\{@link ([^}|]+)(?:\|[^}]*)?\}/gu, "`$1`")
    .replaceAll(/^@(throws|see|param|returns)\b\s*/gmu, (_, tag) => `\n- _${tag}_ `)
    .replaceAll(/\n{3,}/gu, "\n\n")
    .trim();
}

/** @param {string} name @param {string} file @returns {Entry} */
function entryOf(name, file) {
  const { text, program, comments } = parse(file);
  let doc = "";
  /** @type {string[]} */
  const code = [];
  for (const node of program.body) {
    if (
      node.type !== "ExportNamedDeclaration" ||
      node.declaration === null ||
      !namesOf(node.declaration).includes(name)
    )
      continue;
    const before = comments.findLast(
      (comment) =>
        comment.type === "Block" &&
        comment.value.startsWith("*") &&
        comment.end <= node.start &&
        text.slice(comment.end, node.start).trim() === "",
    );
    if (before !== undefined && doc === "") doc = prose(before.value);
    code.push(text.slice(node.start, node.end).replace(/^export (?:declare )?/u, ""));
  }
  if (code.length === 0) throw new Error(`${name} is exported by ${relative(root, file)} and declared nowhere there`);
  return { name, file, doc, code: code.join("\n") };
}

/** @param {readonly (readonly [string, string, string])[]} list */
function page(list) {
  const lines = [
    "# API reference",
    "",
    "From the doc comments (`npm run docs:api`). Durations are milliseconds. The [guide](guide/groups.md) explains; this lists.",
    "",
  ];
  const listed = new Set();
  for (const [entry, file, purpose] of list) {
    const names = [...exportsOf(join(dist, file))]
      .filter(([name]) => !listed.has(name))
      .toSorted(([a], [b]) => a.localeCompare(b));
    lines.push(
      `## \`${entry}\``,
      "",
      purpose,
      "",
      names.map(([name]) => `[${name}](#${name.toLowerCase()})`).join(" · "),
      "",
    );
    for (const [name, from] of names) {
      listed.add(name);
      const { doc, code } = entryOf(name, from);
      if (doc === "" && entry === "holdfast") undocumented.push(name);
      lines.push(`### ${name}`, "", ...(doc === "" ? [] : [doc, ""]), "```ts", code, "```", "");
    }
  }
  return `${lines.join("\n").trim()}\n`;
}

/** @type {string[]} */
const undocumented = [];
const text = page(entries);
if (undocumented.length > 0) {
  process.stderr.write(`exported without a doc comment: ${undocumented.join(", ")}\n`);
  process.exitCode = 1;
}
if (!process.argv.includes("--check")) writeFileSync(target, text);
else if (!existsSync(target) || readFileSync(target, "utf8") !== text) {
  process.stderr.write("docs/api.md is not what the doc comments say; run npm run docs:api\n");
  process.exitCode = 1;
}

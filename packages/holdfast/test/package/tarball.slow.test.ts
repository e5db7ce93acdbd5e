/** What `npm install holdfast` gives: it loads by `import` and by `require`, as one copy, with types for both. */
import { createRequire } from "node:module";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "../harness.ts";
import { consumerFiles } from "./consumer.ts";
import { installPackage } from "./installed-package.ts";
import type { InstalledPackage } from "./installed-package.ts";

let installed: InstalledPackage;
beforeAll(async () => {
  installed = await installPackage();
});
afterAll(() => installed[Symbol.asyncDispose]());

const entries = ["holdfast", "holdfast/policy", "holdfast/batch", "holdfast/lowlevel"];

for (const entry of entries) {
  test(`R28: ${entry} is one copy for import and require`, async () => {
    const program = `import { createRequire } from "node:module";
const imported = await import(${JSON.stringify(entry)});
const required = createRequire(import.meta.url)(${JSON.stringify(entry)});
const names = Object.keys(imported).filter((name) => name !== "module.exports");
console.log(JSON.stringify({ hasExports: names.length > 0, different: names.filter((name) => required[name] !== imported[name]) }));
`;
    const stdout = await installed.node({ "copies.mjs": program }, ["copies.mjs"]);
    expect(JSON.parse(stdout)).toEqual({ hasExports: true, different: [] });
  });

  test(`${entry} exports the same names as CommonJS and as ES module`, async () => {
    const manifest = JSON.parse(readFileSync(join(installed.folder, "node_modules/holdfast/package.json"), "utf8"));
    const target = manifest.exports[entry.replace("holdfast", ".")];
    const load = (path: string): string => JSON.stringify(`./node_modules/holdfast/${path}`);
    const program = `import { createRequire } from "node:module";
const names = (loaded) => Object.keys(loaded).filter((name) => name !== "module.exports" && name !== "__esModule").sort();
console.log(JSON.stringify({
  esm: names(await import(${load(target.import.default)})),
  cjs: names(createRequire(import.meta.url)(${load(target.require.default)})),
}));
`;
    const { esm, cjs } = JSON.parse(await installed.node({ "names.mjs": program }, ["names.mjs"]));
    expect(cjs).toEqual(esm);
  });
}

test("the CommonJS build works without an ES module loaded", async () => {
  const program = `const { taskGroup } = require("./node_modules/holdfast/dist/cjs/index.js");
taskGroup((group) => group.spawn(() => 42).join()).then((value) => console.log(value));
`;
  expect(await installed.node({ "plain.cjs": program }, ["plain.cjs"])).toBe("42\n");
});

test("a program in strict mode compiles and runs as ES module and as CommonJS", async () => {
  const typescript = createRequire(import.meta.url).resolve("typescript/package.json");
  await installed.node(consumerFiles, [join(dirname(typescript), "bin/tsc"), "-p", "."]);
  expect(await installed.node({}, ["out/consumer.mjs"])).toBe("10 3\n");
  expect(await installed.node({}, ["out/consumer.cjs"])).toBe("10 3\n");
});

test("the tarball holds the build, the sources that its maps point to, licence, and nothing else", async () => {
  const folder = join(installed.folder, "node_modules/holdfast");
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  const expected =
    /^(?:LICENSE|README\.md|package\.json|dist\/cjs\/package\.json|dist\/(?:esm|cjs)\/[\w/-]+\.(?:js|d\.ts)(?:\.map)?|src\/[\w/-]+\.ts)$/u;
  expect(names.filter((name) => !expected.test(name))).toEqual([]);
});

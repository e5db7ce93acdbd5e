import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isThere } from "../audit-packages/files.ts";
import { expect, test } from "../../packages/holdfast/test/harness.ts";
import type { TestContext } from "../../packages/holdfast/test/harness.ts";

/** A package with these files, gone after the test. */
async function packageOf({ onTestFinished }: TestContext, files: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-examples-test-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const file of files) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), "");
  }
  return folder;
}

test("main and types are found with the endings that Node and TypeScript add, a file of exports only by its name", async (context) => {
  const folder = await packageOf(context, ["lib/index.js", "types/index.d.ts"]);
  const found = [
    { field: "main", target: "lib" },
    { field: "main", target: "./lib/index" },
    { field: "types", target: "types" },
    { field: "exports", target: "./lib/index.js" },
    { field: "exports", target: "./lib/index" },
    { field: "main", target: "dist/index.js" },
  ].map((file) => isThere(folder, file));
  expect(await Promise.all(found)).toEqual([true, true, true, true, false, false]);
});

test("a pattern of exports is there when a file at any depth matches it", async (context) => {
  const folder = await packageOf(context, ["dist/a/b.js", "dist/c.json"]);
  const found = ["./dist/*.js", "./dist/*.json", "./dist/*.css", "./dist/a/b*.js", "./src/*"].map((target) =>
    isThere(folder, { field: "exports", target }),
  );
  expect(await Promise.all(found)).toEqual([true, true, false, false, false]);
});

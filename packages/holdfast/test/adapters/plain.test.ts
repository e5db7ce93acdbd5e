/** The harness on a host without vitest gives the verdicts that vitest would give. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { expect, test } from "../harness.ts";

const here = fileURLToPath(new URL(".", import.meta.url));

test("the plain adapter fails what must fail, passes what must pass, and reports each test once", async ({
  onTestFinished,
}) => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-plain-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await build({
    entryPoints: [join(here, "plain-main.ts"), join(here, "plain-verdicts.ts")],
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    target: "es2022",
    external: ["./adapters/vitest.ts"],
  });
  const verdicts = pathToFileURL(join(folder, "plain-verdicts.mjs")).href;
  const { stdout } = await promisify(execFile)(process.execPath, [join(folder, "plain-main.mjs"), verdicts]);
  const lines: unknown[] = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line.replace("@holdfast ", "")));
  expect(lines).toEqual([
    { file: verdicts, title: "outer > passes", errors: [] },
    { file: verdicts, title: "outer > fails an assertion", errors: [expect.stringContaining("to deeply equal")] },
    { file: verdicts, title: "outer > fails by a rejection", errors: [expect.stringContaining("rejected")] },
    {
      file: verdicts,
      title: "outer > fails the number of assertions",
      errors: [expect.stringContaining("expected 2 assertions, saw 1")],
    },
    {
      file: verdicts,
      title: "outer > fails a rejection that nobody handles",
      errors: [expect.stringContaining("lost")],
    },
    {
      file: verdicts,
      title: "outer > fails at its time limit",
      errors: [expect.stringContaining("longer than 20 ms")],
    },
    { file: verdicts, title: "ran the hooks in order", errors: [] },
    { done: true },
  ]);
});

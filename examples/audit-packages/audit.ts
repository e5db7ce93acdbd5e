/**
 * Audits every package of this repository's lock file and prints a summary by licence: `npm run audit -w holdfast-examples`.
 *
 * Items, journal and results live in a temporary folder that is gone afterwards. The exit code is that of
 * `holdfast run`: 0 when every package could be read.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startHoldfast } from "../start/child.ts";
import { runProgram } from "../start/program.ts";
import { readEntries } from "./entries.ts";
import type { Audit } from "./handler.ts";
import { summarize } from "./summary.ts";

const lockFile = fileURLToPath(new URL("../../package-lock.json", import.meta.url));
const handler = fileURLToPath(new URL("handler.ts", import.meta.url));

await runProgram("holdfast-audit", async ({ folder, signal }) => {
  const entries = await readEntries(lockFile);
  await writeFile(join(folder, "packages.ndjson"), entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));

  const options = "packages.ndjson --key path --concurrency 16 --timeout 10s --output audit.ndjson".split(" ");
  const { exit } = startHoldfast(["run", handler, ...options], { cwd: folder, signal });
  const { code } = await exit;
  signal.throwIfAborted();

  const lines = (await readFile(join(folder, "audit.ndjson"), "utf8")).split("\n").filter((line) => line !== "");
  // The handler beside this file wrote them, one `Audit` a line.
  const audits = lines.map((line) => JSON.parse(line) as Audit);
  console.log(["", ...summarize(audits)].join("\n"));
  return code ?? 1;
});

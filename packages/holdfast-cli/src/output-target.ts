/**
 * Results are written over whatever the named file holds, so it must not be one that the run needs.
 */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { CliError } from "./cli-error.ts";
import { exitCode } from "./exit-code.ts";
import type { RunSettings } from "./options/run-settings.ts";

/** @throws {@link CliError} (64) when `--output` is the input, the handler or the journal, by whatever name. */
export function checkOutputTarget({ output, input, handler }: RunSettings, journal: string): void {
  if (output === undefined || output === "-") return;
  const needed = [
    ["input", input],
    ["handler", handler],
    ["journal", journal],
  ] as const;
  for (const [what, path] of needed) {
    if (isSameFile(output, path)) {
      throw new CliError(
        exitCode.usage,
        `--output ${output} is the ${what} itself and would overwrite it; name another file`,
      );
    }
  }
}

/** By inode where both exist: links have many names. */
function isSameFile(left: string, right: string): boolean {
  if (resolve(left) === resolve(right)) return true;
  const [one, other] = [left, right].map((path) => statSync(path, { throwIfNoEntry: false }));
  return one !== undefined && other !== undefined && one.ino === other.ino && one.dev === other.dev;
}

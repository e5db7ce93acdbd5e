/**
 * The command that goes on with a run, to be pasted into a shell.
 */

import type { RunSettings } from "../options/run-settings.ts";
import type { NextStep } from "./summary.ts";

/** What the program is called with: a shell that npm did not start has no local `holdfast` on its path. */
export function programName(env: Readonly<Record<string, string | undefined>>): string {
  return env["npm_command"] === undefined ? "holdfast" : "npx holdfast";
}

/**
 * `args` as words of a POSIX shell, after `program run`, without what would not go on: `--fresh`, and `--resume never`.
 */
function resumeCommand(program: string, args: readonly string[]): string {
  const kept: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at] ?? "";
    if (word === "--fresh" || word === "--resume=never") continue;
    if (word === "--resume" && args[at + 1] === "never") at += 1;
    else kept.push(word);
  }
  return [program, "run", ...kept.map(shellWord)].join(" ");
}

/** How to go on with a run, and what to mind. Items of standard input are only known again by a key. */
export function resumeStep(
  program: string,
  args: readonly string[],
  { input, key }: Pick<RunSettings, "input" | "key">,
): NextStep {
  const command = resumeCommand(program, args);
  if (input !== "-") return { why: "to go on", command };
  if (key !== undefined) return { why: "to go on, with the same input again", command };
  return {
    why: "to start over, with the same input again; with --key FIELD it could go on",
    command: `${command} --fresh`,
  };
}

/** Quoted only where a shell would read it as something else. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

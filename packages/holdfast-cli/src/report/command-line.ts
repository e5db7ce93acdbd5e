/**
 * The command that goes on with a run, to be pasted into a shell.
 */

/**
 * `args` as words of a POSIX shell, after `holdfast run`, without what would not go on: `--fresh`, and `--resume never`.
 */
export function resumeCommand(args: readonly string[]): string {
  const kept: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at] ?? "";
    if (word === "--fresh" || word === "--resume=never") continue;
    if (word === "--resume" && args[at + 1] === "never") at += 1;
    else kept.push(word);
  }
  return ["holdfast", "run", ...kept].map(shellWord).join(" ");
}

/** Quoted only where a shell would read it as something else. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * From the words after `holdfast ls`, `dump` and `doctor` to settings, and the help of the three.
 */
import { parseArgs } from "node:util";
import { CliError } from "../cli-error.ts";
import { exitCode, inspectExitCodeMeanings } from "../exit-code.ts";
import { nearestName } from "./nearest-name.ts";

export type InspectCommand = "ls" | "dump" | "doctor";

export interface InspectSettings {
  /** undefined for `ls`. */
  readonly pid: number | undefined;
  readonly deep: boolean;
  readonly force: boolean;
  readonly json: boolean;
}

type Switch = "deep" | "force" | "json";

const switches: Readonly<Record<Switch, string>> = {
  deep: "search the heap for all awaits, those outside of the library's tasks too; the process stands still meanwhile",
  force: "search a heap of more than 250 MB too: about 10 ms for each MB",
  json: "print JSON",
};

const commands: Readonly<Record<InspectCommand, { readonly about: string; readonly takes: readonly Switch[] }>> = {
  ls: { about: "Lists the Node processes that this user may see.", takes: ["json"] },
  dump: {
    about: "Shows what a running Node process waits for: its tasks, and the line of each suspended await.",
    takes: ["deep", "force", "json"],
  },
  doctor: {
    about: "Says what is wrong with a running Node process: a blocked loop, locks, calls that nobody awaits.",
    takes: ["force", "json"],
  },
};

export function isInspectCommand(word: string | undefined): word is InspectCommand {
  return word !== undefined && Object.hasOwn(commands, word);
}

/** @throws {@link CliError} (64) naming the word and what was wanted. */
export function parseInspectArguments(command: InspectCommand, args: readonly string[]): InspectSettings {
  const { takes } = commands[command];
  const hint = `holdfast ${command} --help lists the options`;
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(takes.map((name) => [name, { type: "boolean" as const }])),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const asked = new Set<string>();
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") words.push(token.value);
    if (token.kind !== "option") continue;
    const known = takes.find((name) => name === token.name);
    if (known === undefined) {
      const near = nearestName(token.rawName.replace(/^-+/u, ""), [...takes, "help"]);
      throw new CliError(
        exitCode.usage,
        `unknown option ${token.rawName}${near === undefined ? "" : `; did you mean --${near}?`}`,
        { hint },
      );
    }
    if (token.value !== undefined)
      throw new CliError(
        exitCode.usage,
        `--${known} is a switch and takes no value, got ${JSON.stringify(token.value)}`,
      );
    asked.add(known);
  }
  const settings = { deep: asked.has("deep"), force: asked.has("force"), json: asked.has("json") };
  if (command === "dump" && settings.force && !settings.deep)
    throw new CliError(exitCode.usage, "--force is about the search of --deep; add --deep", { hint });
  const [word, extra] = command === "ls" ? [undefined, words[0]] : words;
  if (extra !== undefined)
    throw new CliError(exitCode.usage, `holdfast ${command} does not take ${JSON.stringify(extra)}`, { hint });
  if (command === "ls") return { ...settings, pid: undefined };
  if (word === undefined)
    throw new CliError(exitCode.usage, `holdfast ${command} needs a process id: holdfast ${command} <pid>`, { hint });
  if (!/^[1-9]\d{0,8}$/u.test(word))
    throw new CliError(exitCode.usage, `a process id is a whole number of at least 1, got ${JSON.stringify(word)}`, {
      hint: "holdfast ls lists the Node processes",
    });
  return { ...settings, pid: Number(word) };
}

export function inspectHelp(command: InspectCommand): string {
  const { about, takes } = commands[command];
  const options = takes.map((name) => `      --${name}\n      ${switches[name]}`);
  const codes = inspectExitCodeMeanings.filter(
    ([code]) => command !== "ls" || code === "0" || code === "64" || code === "69",
  );
  return `usage: holdfast ${command}${command === "ls" ? "" : " <pid>"} [options]

${about}
${
  command === "ls"
    ? ""
    : `
The process needs no flag and no library. Its inspector is opened by SIGUSR1 for some milliseconds, unless it is open
already, and the process writes its answer to a file that only its user can read. On Linux.
`
}
options
${options.join("\n")}
  -h, --help
      this text

exit codes
${codes.map(([code, meaning]) => `  ${code.padEnd(9)} ${meaning}`).join("\n")}
`;
}

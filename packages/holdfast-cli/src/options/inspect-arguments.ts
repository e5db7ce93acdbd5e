/**
 * From the words after `holdfast ls`, `dump`, `ps`, `top` and `doctor` to settings, and the help of the five.
 */
import { parseArgs } from "node:util";
import { CliError } from "../cli-error.ts";
import { parseDuration } from "../duration.ts";
import { exitCode, inspectExitCodeMeanings } from "../exit-code.ts";
import { sortKeys } from "../live/task-rows.ts";
import type { SortKey } from "../live/task-rows.ts";
import { nearestName } from "./nearest-name.ts";

export type InspectCommand = "ls" | "dump" | "ps" | "top" | "doctor";

export interface InspectSettings {
  /** undefined for `ls`. */
  readonly pid: number | undefined;
  readonly deep: boolean;
  readonly force: boolean;
  readonly json: boolean;
  readonly sort: SortKey;
  /** Milliseconds. */
  readonly interval: number;
  /** Snapshots. */
  readonly count: number;
}

type Values = Pick<InspectSettings, "sort" | "interval" | "count">;

interface OptionSpec {
  readonly help: string;
  /** What stands for the value in `--help`; undefined for a switch. */
  readonly argument?: string | undefined;
  /** @throws {@link CliError} (64) saying what was wanted */
  readonly set?: ((text: string) => Partial<Values>) | undefined;
}

type OptionName = "deep" | "force" | "json" | "sort" | "interval" | "count";

/** More often nobody can read. */
const LEAST_INTERVAL = 100;
/** The longest that a timer takes. */
const MOST_INTERVAL = 86_400_000;

const defaults: Values = { sort: "id", interval: 1_000, count: Infinity };

const options: Readonly<Record<OptionName, OptionSpec>> = {
  deep: {
    help: "search the heap for all awaits, those outside of the library's tasks too; the process stands still meanwhile",
  },
  force: { help: "search a heap of more than 250 MB too: about 10 ms for each MB" },
  json: { help: "print JSON" },
  sort: {
    argument: sortKeys.join("|"),
    help: "the order of the tasks (default id)",
    set: (text) => {
      const sort = sortKeys.find((key) => key === text);
      if (sort === undefined) throw wrong("sort", `one of ${sortKeys.join(", ")}`, text);
      return { sort };
    },
  },
  interval: {
    argument: "DURATION",
    help: "the time from snapshot to snapshot, 100ms to 1d (default 1s)",
    set: (text) => {
      const interval = parseDuration(text);
      if (interval === undefined || interval < LEAST_INTERVAL || interval > MOST_INTERVAL)
        throw wrong("interval", "a duration from 100ms to 1d, as in 500ms or 2s", text);
      return { interval };
    },
  },
  count: {
    argument: "N",
    help: "end after N snapshots (default: when the process does, or q is pressed)",
    set: (text) => {
      if (!/^[1-9]\d{0,8}$/u.test(text)) throw wrong("count", "a whole number of at least 1", text);
      return { count: Number(text) };
    },
  },
};

function wrong(name: OptionName, wanted: string, text: string): CliError {
  return new CliError(exitCode.usage, `--${name} must be ${wanted}, got ${JSON.stringify(text)}`);
}

const commands: Readonly<Record<InspectCommand, { readonly about: string; readonly takes: readonly OptionName[] }>> = {
  ls: { about: "Lists the Node processes that this user may see.", takes: ["json"] },
  dump: {
    about: "Shows what a running Node process waits for: its tasks, and the line of each suspended await.",
    takes: ["deep", "force", "json"],
  },
  ps: {
    about: "Lists the tasks of a running Node process, one in a line: how old it is, what it waits for, and where.",
    takes: ["sort", "deep", "force", "json"],
  },
  top: {
    about:
      "Shows the tasks of a running Node process, what they wait for, and how busy it is, while that changes.\nWhere standard output is no terminal each snapshot is printed as lines. Press ? for the keys.",
    takes: ["interval", "count", "sort", "json"],
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
    options: Object.fromEntries(
      takes.map((name) => [
        name,
        { type: options[name].set === undefined ? ("boolean" as const) : ("string" as const) },
      ]),
    ),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const asked = new Set<OptionName>();
  let values = defaults;
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
    const { set, argument } = options[known];
    if (set !== undefined) {
      if (token.value === undefined)
        throw new CliError(exitCode.usage, `--${known} needs a value: --${known} ${argument}`, { hint });
      values = { ...values, ...set(token.value) };
    } else if (token.value !== undefined)
      throw new CliError(
        exitCode.usage,
        `--${known} is a switch and takes no value, got ${JSON.stringify(token.value)}`,
      );
    asked.add(known);
  }
  const settings = { deep: asked.has("deep"), force: asked.has("force"), json: asked.has("json"), ...values };
  if (takes.includes("deep") && settings.force && !settings.deep)
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
  const lines = takes.map((name) => {
    const { argument, help } = options[name];
    return `      --${name}${argument === undefined ? "" : ` ${argument}`}\n      ${help}`;
  });
  const codes = inspectExitCodeMeanings.filter(([, , those]) => those.includes(command));
  return `usage: holdfast ${command}${command === "ls" ? "" : " <pid>"} [options]

${about}
${mechanism(command)}
options
${lines.join("\n")}
  -h, --help
      this text

exit codes
${codes.map(([code, meaning]) => `  ${code.padEnd(9)} ${meaning}`).join("\n")}
`;
}

function mechanism(command: InspectCommand): string {
  switch (command) {
    case "ls":
      return "";
    case "top":
      return `
The process needs no flag and no library. Its inspector is opened by SIGUSR1 for some milliseconds, unless it is open
already; then it answers over a socket that only its user can reach, as long as this runs. On Linux.
`;
    default:
      return `
The process needs no flag and no library. Its inspector is opened by SIGUSR1 for some milliseconds, unless it is open
already, and the process writes its answer to a file that only its user can read. On Linux.
`;
  }
}

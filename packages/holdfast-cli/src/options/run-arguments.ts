/**
 * From the words after `holdfast run` to settings, by the option table.
 */
import { parseArgs } from "node:util";
import type { ParseArgsConfig } from "node:util";
import { CliError } from "../cli-error.ts";
import { exitCode } from "../exit-code.ts";
import { nearestName } from "./nearest-name.ts";
import { optionTable } from "./option-table.ts";
import type { OptionSpec } from "./option-table.ts";
import type { RunSettings } from "./run-settings.ts";

const seeHelp = "holdfast run --help lists the options";

/**
 * The settings that `args` ask for, each absent option at its default.
 * @throws {@link CliError} (64) naming the option and what it wants.
 */
export function parseRunArguments(args: readonly string[]): RunSettings {
  let settings: Partial<RunSettings> = {};
  for (const spec of optionTable) if (spec.default !== undefined) settings = { ...settings, ...spec.set(spec.default) };

  const positionals: string[] = [];
  for (const token of tokens(args)) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind === "option") settings = { ...settings, ...optionEffect(token) };
  }
  const [handler, inputWord, ...more] = positionals;
  if (handler === undefined) {
    throw new CliError(exitCode.usage, "holdfast run needs a handler: holdfast run <handler.ts> <input>", {
      hint: seeHelp,
    });
  }
  if (more.length > 0) {
    throw new CliError(
      exitCode.usage,
      `holdfast run takes a handler and an input, got also ${JSON.stringify(more[0])}`,
      {
        hint: seeHelp,
      },
    );
  }
  if (inputWord !== undefined && settings.input !== undefined && inputWord !== settings.input) {
    throw new CliError(
      exitCode.usage,
      `the input is named twice: ${JSON.stringify(inputWord)} and --input ${JSON.stringify(settings.input)}; keep one`,
    );
  }
  const input = settings.input ?? inputWord;
  if (input === undefined) {
    throw new CliError(
      exitCode.usage,
      "holdfast run needs an input: a file after the handler, or - for standard input",
      {
        hint: seeHelp,
      },
    );
  }
  const complete: RunSettings = { ...absent, ...settings, handler, input };
  checkTogether(complete);
  return complete;
}

/** Options that have no default in the table. The others are always set, by their default's own parser. */
const absent: Omit<RunSettings, "handler" | "input"> = {
  format: undefined,
  key: undefined,
  concurrency: 1,
  timeout: undefined,
  retries: 0,
  backoff: { baseDelay: 0, maxDelay: 0, factor: 1, jitter: "none" },
  interval: undefined,
  output: undefined,
  journal: undefined,
  resume: "auto",
  fresh: false,
  limit: undefined,
  dryRun: false,
  maxFailures: undefined,
  drain: 0,
  progress: "auto",
  summary: "text",
  quiet: false,
};

function checkTogether(settings: RunSettings): void {
  if (settings.input === "-" && settings.journal === undefined && !settings.dryRun) {
    throw new CliError(
      exitCode.usage,
      "standard input has no file to put the journal beside; name one with --journal FILE",
    );
  }
  if (settings.fresh && settings.resume === "require") {
    throw new CliError(exitCode.usage, "--fresh starts again and --resume require goes on; keep one");
  }
}

type Token = NonNullable<ReturnType<typeof parseArgs<{ tokens: true; strict: false }>>["tokens"]>[number];
type OptionToken = Extract<Token, { kind: "option" }>;

function tokens(args: readonly string[]): readonly Token[] {
  const options: NonNullable<ParseArgsConfig["options"]> = {};
  for (const { name, short, argument } of optionTable) {
    const type = argument === undefined ? "boolean" : "string";
    options[name] = short === undefined ? { type } : { type, short };
  }
  // Not strict: its messages name no near option, and it refuses "--limit -5" before our own reason can be given.
  return parseArgs({ args: [...args], options, allowPositionals: true, strict: false, tokens: true }).tokens;
}

function optionEffect(token: OptionToken): Partial<RunSettings> {
  const spec = optionTable.find(({ name }) => name === token.name);
  if (spec === undefined) throw unknownOption(token.rawName);
  if (spec.argument === undefined) {
    if (token.value === undefined) return spec.set("");
    throw new CliError(
      exitCode.usage,
      `--${spec.name} is a switch and takes no value, got ${JSON.stringify(token.value)}`,
    );
  }
  return spec.set(requiredValue(spec, token));
}

function requiredValue(spec: OptionSpec, token: OptionToken): string {
  const value = token.value;
  if (typeof value === "string" && (token.inlineValue || !isOption(value))) return value;
  throw new CliError(
    exitCode.usage,
    `--${spec.name} needs a value (${spec.argument})${value === undefined ? "" : `, got the option ${value}`}`,
  );
}

/** `--limit -5` is a value (a wrong one, and its own message says why); `--key --fresh` is a forgotten value. */
function isOption(text: string): boolean {
  return optionTable.some(
    ({ name, short }) => text === `--${name}` || text.startsWith(`--${name}=`) || text === `-${short}`,
  );
}

function unknownOption(rawName: string): CliError {
  const known = [...optionTable.map(({ name }) => name), "help", "version"];
  const near = nearestName(rawName.replace(/^-+/, ""), known);
  return new CliError(
    exitCode.usage,
    `unknown option ${rawName}${near === undefined ? "" : `; did you mean --${near}?`}`,
    { hint: seeHelp },
  );
}

/**
 * The options of `holdfast run`, once: parsing, `--help`, the defaults and the tests are all made from this table.
 *
 * OPTION-1: what `--help` prints as an option's default is what is parsed when the option is absent.
 */
import { parseDuration } from "../duration.ts";
import { CliError } from "../cli-error.ts";
import { exitCode } from "../exit-code.ts";
import { parseBackoff } from "./backoff.ts";
import type { RunSettings } from "./run-settings.ts";

export interface OptionSpec {
  readonly name: string;
  readonly short?: string | undefined;
  /** What stands for the value in `--help`; undefined for a switch. */
  readonly argument?: string | undefined;
  /** Parsed when the option is absent. */
  readonly default?: string | undefined;
  /** Shown as the default where there is nothing to parse. */
  readonly absent?: string | undefined;
  readonly help: string;
  readonly section: "input" | "running" | "results" | "stopping" | "watching";
  /** @throws {@link CliError} (64) saying what was wanted when `text` is no value of this option. */
  readonly set: (text: string) => Partial<RunSettings>;
}

export const optionTable: readonly OptionSpec[] = [
  {
    name: "input",
    short: "i",
    argument: "FILE|-",
    section: "input",
    help: "the items; - is standard input; the same as the second argument",
    set: (text) => ({ input: text }),
  },
  {
    name: "format",
    short: "f",
    argument: "lines|ndjson|json|csv",
    absent: "by the file's ending; lines for standard input",
    section: "input",
    help: "how the items are written",
    set: (text) => ({ format: oneOf("format", text, ["lines", "ndjson", "json", "csv"]) }),
  },
  {
    name: "key",
    short: "k",
    argument: "FIELD",
    absent: "the item's position",
    section: "input",
    help: "the field that identifies an item (a.b for a nested one): with it the input may change between runs",
    set: (text) => ({ key: notEmpty("key", text) }),
  },
  {
    name: "limit",
    argument: "N",
    section: "input",
    help: "take at most N items in this run",
    set: (text) => ({ limit: integer("limit", text, 1) }),
  },
  {
    name: "concurrency",
    short: "j",
    argument: "N",
    default: "100",
    section: "running",
    help: "items in flight at a time",
    set: (text) => ({ concurrency: integer("concurrency", text, 1) }),
  },
  {
    name: "timeout",
    short: "t",
    argument: "DURATION",
    absent: "none",
    section: "running",
    help: "per attempt: its signal aborts, the attempt has failed",
    set: (text) => ({ timeout: duration("timeout", text, 1) }),
  },
  {
    name: "retries",
    short: "r",
    argument: "N",
    default: "4",
    section: "running",
    help: "attempts after the first: 4 = up to 5 attempts",
    set: (text) => ({ retries: integer("retries", text, 0) }),
  },
  {
    name: "backoff",
    argument: "SHAPE",
    default: "exp:500ms..30s",
    section: "running",
    help: "between attempts: exp:BASE..MAX[,factor=N][,jitter=KIND], fixed:DURATION[,jitter=KIND] or none; KIND is full, equal, decorrelated or none",
    set: (text) => ({
      backoff:
        parseBackoff(text) ??
        wrong("backoff", text, "be none, fixed:DURATION or exp:BASE..MAX, like exp:500ms..30s,jitter=full"),
    }),
  },
  {
    name: "rate",
    argument: "N/s|N/m|N/h",
    absent: "unlimited",
    section: "running",
    help: "items started per second, minute or hour, evenly spaced",
    set: (text) => ({ interval: rateInterval(text) }),
  },
  {
    name: "output",
    short: "o",
    argument: "FILE|-",
    absent: "the journal only",
    section: "results",
    help: "results as NDJSON, each succeeded item's once; - is standard output",
    set: (text) => ({ output: notEmpty("output", text) }),
  },
  {
    name: "journal",
    argument: "FILE",
    absent: "INPUT.holdfast.db",
    section: "results",
    help: "the record of every item and attempt (SQLite); must be named for standard input",
    set: (text) => ({ journal: notEmpty("journal", text) }),
  },
  {
    name: "resume",
    argument: "auto|never|require",
    default: "auto",
    section: "results",
    help: "when the journal exists: go on; refuse. require: refuse when it does not exist",
    set: (text) => ({ resume: oneOf("resume", text, ["auto", "never", "require"]) }),
  },
  {
    name: "fresh",
    section: "results",
    help: "forget the journal and start again",
    set: () => ({ fresh: true }),
  },
  {
    name: "max-failures",
    argument: "N|N%",
    absent: "unlimited",
    section: "stopping",
    help: "stop when more have failed for good; within it the exit code is 0",
    set: (text) => ({ maxFailures: failures(text) }),
  },
  {
    name: "drain",
    argument: "DURATION",
    default: "10s",
    section: "stopping",
    help: "after the first SIGINT or SIGTERM, how long items in flight may take to finish",
    set: (text) => ({ drain: duration("drain", text, 0) }),
  },
  {
    name: "dry-run",
    short: "n",
    section: "stopping",
    help: "say what would run; run nothing, write nothing",
    set: () => ({ dryRun: true }),
  },
  {
    name: "progress",
    argument: "auto|tty|plain|json|none",
    default: "auto",
    section: "watching",
    help: "on standard error: a live display on a terminal, plain lines elsewhere, NDJSON events, nothing",
    set: (text) => ({ progress: oneOf("progress", text, ["auto", "tty", "plain", "json", "none"]) }),
  },
  {
    name: "summary",
    argument: "text|json",
    default: "text",
    section: "watching",
    help: "the report at the end; json goes to standard output (to standard error with --output -)",
    set: (text) => ({ summary: oneOf("summary", text, ["text", "json"]) }),
  },
  {
    name: "quiet",
    short: "q",
    section: "watching",
    help: "no progress; no report when every item succeeded",
    set: () => ({ quiet: true }),
  },
];

function wrong(name: string, text: string, wanted: string): never {
  throw new CliError(exitCode.usage, `--${name} must ${wanted}, got ${JSON.stringify(text)}`);
}

function notEmpty(name: string, text: string): string {
  return text === "" ? wrong(name, text, "not be empty") : text;
}

function oneOf<const T extends string>(name: string, text: string, allowed: readonly T[]): T {
  return allowed.find((value) => value === text) ?? wrong(name, text, `be one of ${allowed.join(", ")}`);
}

function integer(name: string, text: string, least: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(value) && value >= least
    ? value
    : wrong(name, text, `be a whole number of at least ${least}`);
}

function duration(name: string, text: string, least: number): number {
  const value = parseDuration(text);
  return value !== undefined && value >= least
    ? value
    : wrong(name, text, `be a duration like 500ms, 10s, 5m or 2h${least > 0 ? `, at least ${least}ms` : ""}`);
}

function rateInterval(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\/(s|m|h)$/.exec(text);
  const per = parseDuration(`1${match?.[2]}`);
  const count = Number(match?.[1]);
  if (per === undefined || !(count > 0)) return wrong("rate", text, "be a number above 0 per s, m or h, like 50/s");
  return per / count;
}

function failures(text: string): number | `${number}%` {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text);
  if (percent !== null && Number(percent[1]) <= 100) return `${Number(percent[1])}%`;
  return /^\d+$/.test(text) && Number.isSafeInteger(Number(text))
    ? Number(text)
    : wrong("max-failures", text, "be a whole number like 20 or a percentage like 5%");
}

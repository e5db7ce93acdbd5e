/** Which format an input has. */
import { CliError } from "../cli-error.ts";
import type { InputFormat } from "./input.ts";

const BY_ENDING: ReadonlyMap<string, InputFormat> = new Map([
  [".txt", "lines"],
  [".list", "lines"],
  [".ndjson", "ndjson"],
  [".jsonl", "ndjson"],
  [".json", "json"],
  [".csv", "csv"],
  [".tsv", "csv"],
]);
const FORMATS: ReadonlySet<string> = new Set(["lines", "ndjson", "json", "csv"]);

/** @throws {CliError} 64 for a format that isn't one, or a file whose ending names none. */
export function inputFormat(path: string, format: string | undefined): InputFormat {
  if (format !== undefined) {
    if (isFormat(format)) return format;
    throw new CliError(64, `unknown input format "${format}"; known are lines, ndjson, json and csv`);
  }
  if (path === "-") return "lines";
  const found = BY_ENDING.get(ending(path));
  if (found !== undefined) return found;
  throw new CliError(64, `the ending of input ${path} names no format; add --format lines, ndjson, json or csv`, {
    hint: `known endings: ${[...BY_ENDING.keys()].join(" ")}`,
  });
}

/** Tabs for .tsv, whatever names the format; commas else. */
export function csvDelimiter(path: string): "," | "\t" {
  return ending(path) === ".tsv" ? "\t" : ",";
}

function isFormat(format: string): format is InputFormat {
  return FORMATS.has(format);
}

function ending(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  return dot === -1 ? "" : name.slice(dot).toLowerCase();
}

/** Brings the output file to what the journal knows, whatever happened to it since. */
import { resolve } from "node:path";
import type { OutputFile } from "../output/index.ts";
import type { Database } from "./sqlite.ts";

/** Characters in one write. */
const PORTION = 256 * 1024;

/** What a succeeded item is in the output. */
export function outputLine(output: string | undefined | null): string {
  return `${output ?? "null"}\n`;
}

/**
 * Afterwards the file holds one line for each succeeded item. What a killed commit wrote behind the recorded offset is
 * cut off. A file that is new, another one, or shorter than it was, is written again from the journal.
 *
 * @returns The offset to write at; undefined when there is no file to keep in step (none, stdout, a pipe).
 */
export function restoreOutput(database: Database, output: OutputFile | undefined): number | undefined {
  // The columns named, as the schema types them.
  const known = database.prepare("SELECT path, offset FROM output").get() as
    | { readonly path: string; readonly offset: number }
    | undefined;
  const size = output?.size();
  const path = output === undefined ? "" : resolve(output.path);
  if (output !== undefined && size !== undefined && known?.path === path && size >= known.offset) {
    output.truncate(known.offset);
    return known.offset;
  }
  // First: a kill while the file is written again must not leave a row that vouches for it. And without a file this run's
  // items will be in none: a later run has to write it again.
  if (known !== undefined) database.exec("DELETE FROM output");
  if (output === undefined || size === undefined) return undefined;
  output.truncate(0);
  const offset = rewrite(database, output);
  database.prepare("INSERT INTO output (id, path, offset) VALUES (1, ?, ?)").run(path, offset);
  return offset;
}

function rewrite(database: Database, output: OutputFile): number {
  let offset = 0;
  let lines = "";
  for (const row of database.prepare("SELECT output FROM item WHERE state = 'succeeded' ORDER BY id").iterate()) {
    // The one column asked for.
    lines += outputLine((row as { readonly output: string | null }).output);
    if (lines.length < PORTION) continue;
    offset = output.write(lines);
    lines = "";
  }
  return lines === "" ? offset : output.write(lines);
}

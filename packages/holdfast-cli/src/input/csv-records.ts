/** CSV and TSV: the first row names the fields, each further row is an object of strings. */
import { CsvError, parse } from "csv-parse";
import { CliError } from "../cli-error.ts";
import type { ByteSource } from "./byte-source.ts";
import type { RecordBlock } from "./record-block.ts";
import { utf8Chunks } from "./utf8-chunks.ts";

/** @param delimiter "," or a tab. */
export async function* csvRecords(source: ByteSource, delimiter: "," | "\t"): AsyncGenerator<RecordBlock, void, void> {
  const { name } = source;
  let rows = new CsvRows(name);
  const parser = parse({
    delimiter,
    columns: (header: string[]) => fieldNames(name, header),
    skip_empty_lines: true,
    // Every record is taken here, so that none waits in the stream's own buffer and a chunk costs one callback, not one
    // promise for each row.
    on_record: (record: unknown, context) => {
      rows.push(record, context.lines);
      return null;
    },
  });
  // The callbacks below have the same error; without a listener it would also be thrown at the process.
  parser.on("error", () => undefined);
  let failure: unknown;
  try {
    for await (const { bytes } of utf8Chunks(source)) {
      await new Promise<void>((resolve, reject) => {
        parser.write(bytes, (error) => (error ? reject(error) : resolve()));
      });
      if (rows.length > 0) {
        yield rows;
        rows = new CsvRows(name);
      }
    }
  } catch (error) {
    failure = error;
  } finally {
    // Also behind a failure: the parser may hold back a row that was whole before it.
    await new Promise<void>((resolve) => {
      parser.end((error?: Error | null) => {
        failure ??= error ?? undefined;
        resolve();
      });
    });
    parser.destroy();
  }
  if (rows.length > 0) yield rows;
  if (failure !== undefined) throw broken(name, failure);
}

class CsvRows implements RecordBlock {
  readonly #name: string;
  readonly #rows: unknown[] = [];
  readonly #lines: number[] = [];
  #at = -1;

  constructor(name: string) {
    this.#name = name;
  }

  get length(): number {
    return this.#rows.length;
  }

  push(row: unknown, line: number): void {
    this.#rows.push(row);
    this.#lines.push(line);
  }

  advance(): boolean {
    return ++this.#at < this.#rows.length;
  }

  get value(): unknown {
    return this.#rows[this.#at];
  }

  where(): string {
    return `${this.#name}:${this.#lines[this.#at] ?? 0}`;
  }
}

/** Two fields of one name would be one: the first one's values would be lost. */
function fieldNames(name: string, header: readonly string[]): string[] {
  const seen = new Set<string>();
  for (const [column, field] of header.entries()) {
    if (field === "")
      throw new CliError(65, `${name}:1 names no field in column ${column + 1}; the first row must name all`);
    if (seen.has(field))
      throw new CliError(65, `${name}:1 names the field "${field}" twice; the first row must name each once`);
    seen.add(field);
  }
  return [...header];
}

function broken(name: string, error: unknown): unknown {
  if (error instanceof CliError) return error;
  if (!(error instanceof CsvError)) return error;
  const { lines } = error;
  const line = typeof lines === "number" ? `:${lines}` : "";
  return new CliError(65, `${name}${line} is not CSV: ${error.message}`, { cause: error });
}

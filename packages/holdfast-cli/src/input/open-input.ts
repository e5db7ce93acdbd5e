/** Opens an input by its name and format. */
import { access, constants, stat } from "node:fs/promises";
import { CliError } from "../cli-error.ts";
import { fileSource, streamSource, unreadable } from "./byte-source.ts";
import type { ByteSource } from "./byte-source.ts";
import { csvRecords } from "./csv-records.ts";
import { inputFacts } from "./input-facts.ts";
import { csvDelimiter, inputFormat } from "./input-format.ts";
import type { Input, InputFacts, InputFormat, InputItem } from "./input.ts";
import { ItemIterator } from "./item-iterator.ts";
import { jsonRecords } from "./json-records.ts";
import { ndjsonRecords, plainRecords } from "./line-records.ts";
import type { RecordBlock } from "./record-block.ts";

export interface OpenInputOptions {
  /** "-" is stdin. */
  readonly path: string;
  /** undefined: by the file's ending; stdin: lines. */
  readonly format: InputFormat | undefined;
  /** Field of an item that names it; dots go into objects. */
  readonly key: string | undefined;
  /** Default: the process's own. */
  readonly stdin?: NodeJS.ReadableStream | undefined;
}

/**
 * @throws {CliError} 66 when the file is missing, unreadable or a directory; 64 when the format is unknown, or `key` is
 * given for lines, which have no fields.
 */
export async function openInput(options: OpenInputOptions): Promise<Input> {
  const { path, key } = options;
  const format = inputFormat(path, options.format);
  if (key !== undefined && format === "lines") {
    throw new CliError(
      64,
      `--key ${key} needs items with fields, and the lines of ${path === "-" ? "stdin" : path} have none; name --format ndjson, json or csv`,
    );
  }
  if (key === "") throw new CliError(64, "--key needs the name of a field, got an empty one");
  if (path === "-")
    return new OpenedInput(path, format, key, streamSource("stdin", options.stdin ?? process.stdin), undefined);
  await requireFile(path);
  return new OpenedInput(path, format, key, fileSource(path, path), path);
}

async function requireFile(path: string): Promise<void> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw new CliError(66, `input ${path} is a directory; name a file`);
    await access(path, constants.R_OK);
  } catch (error) {
    throw error instanceof CliError ? error : unreadable(path, error);
  }
}

/** What tells whether a file is still the one that was hashed. */
interface FileVersion {
  readonly size: number;
  readonly modified: number;
  readonly inode: number;
}

class OpenedInput implements Input {
  readonly name: string;
  readonly format: InputFormat;
  readonly #key: string | undefined;
  readonly #source: ByteSource;
  /** undefined for stdin. */
  readonly #path: string | undefined;
  #hashed: FileVersion | undefined;
  #duplicates = 0;

  constructor(
    name: string,
    format: InputFormat,
    key: string | undefined,
    source: ByteSource,
    path: string | undefined,
  ) {
    this.name = name;
    this.format = format;
    this.#key = key;
    this.#source = source;
    this.#path = path;
  }

  get duplicates(): number {
    return this.#duplicates;
  }

  async facts(): Promise<InputFacts | undefined> {
    const path = this.#path;
    if (path === undefined || !(await stat(path)).isFile()) return undefined;
    const version = await versionOf(path);
    const facts = await inputFacts(this.#source, this.format);
    this.#hashed = version;
    await this.#requireUnchanged();
    return facts;
  }

  items(): AsyncIterableIterator<InputItem> {
    return new ItemIterator({
      blocks: this.#checkedBlocks(),
      key: this.#key,
      onDuplicate: () => {
        this.#duplicates++;
      },
      cancel: () => this.#source.cancel(),
    });
  }

  async *#checkedBlocks(): AsyncGenerator<RecordBlock, void, void> {
    await this.#requireUnchanged();
    yield* this.#blocks();
    await this.#requireUnchanged();
  }

  #blocks(): AsyncGenerator<RecordBlock, void, void> {
    switch (this.format) {
      case "lines":
        return plainRecords(this.#source);
      case "ndjson":
        return ndjsonRecords(this.#source);
      case "json":
        return jsonRecords(this.#source);
      case "csv":
        return csvRecords(this.#source, csvDelimiter(this.name));
    }
  }

  /** Without keys an item is known by its place: in a file that changed, the places would name other items. */
  async #requireUnchanged(): Promise<void> {
    const before = this.#hashed;
    if (before === undefined || this.#path === undefined || this.#key !== undefined) return;
    const now = await versionOf(this.#path);
    if (now.size === before.size && now.modified === before.modified && now.inode === before.inode) return;
    throw new CliError(65, `input ${this.name} was changed while it was read; run again on a file that holds still`, {
      hint: "--key FIELD knows items by a field of their own, and lets the file change",
    });
  }
}

async function versionOf(path: string): Promise<FileVersion> {
  const { size, mtimeMs, ino } = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  return { size, modified: mtimeMs, inode: ino };
}

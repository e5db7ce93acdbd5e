/** Reads inputs in tests: everything that comes out, and how it ended. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { CliError } from "../../src/cli-error.ts";
import { openInput } from "../../src/input/index.ts";
import type { Input, InputFormat, InputItem } from "../../src/input/index.ts";

export interface ReadOptions {
  readonly format?: InputFormat | undefined;
  readonly key?: string | undefined;
}

/** `error` is the exit code and the message. */
export interface Read {
  readonly items: readonly InputItem[];
  readonly error: readonly [exitCode: number, message: string] | undefined;
}

/** A folder that `clean` removes. */
export function temporaryFolder(): {
  readonly path: string;
  file(name: string, content: string | Uint8Array): string;
  clean(): void;
} {
  const path = mkdtempSync(join(tmpdir(), "holdfast-"));
  return {
    path,
    file(name, content) {
      const file = join(path, name);
      writeFileSync(file, content);
      return file;
    },
    clean: () => rmSync(path, { recursive: true, force: true }),
  };
}

export async function readAll(input: Input): Promise<Read> {
  const items: InputItem[] = [];
  try {
    for await (const item of input.items()) items.push(item);
    return { items, error: undefined };
  } catch (error) {
    return { items, error: toPair(error) };
  }
}

/** Reads `content` as stdin, `chunk` bytes at a time. */
export async function readBytes(
  content: string | Uint8Array,
  options: ReadOptions & { readonly chunk?: number | undefined } = {},
): Promise<Read> {
  return readAll(
    await openInput({
      path: "-",
      format: options.format,
      key: options.key,
      stdin: chunked(content, options.chunk ?? 65_536),
    }),
  );
}

/** The items alone, and an error as a failure of the test. */
export async function itemsOf(
  content: string | Uint8Array,
  options: ReadOptions & { readonly chunk?: number | undefined } = {},
): Promise<unknown[]> {
  const { items, error } = await readBytes(content, options);
  if (error !== undefined) throw new Error(error[1]);
  return items.map(({ item }) => item);
}

export function chunked(content: string | Uint8Array, size: number): Readable {
  const bytes = Buffer.from(content);
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
  return Readable.from(chunks, { objectMode: false });
}

export function toPair(error: unknown): readonly [number, string] {
  if (!(error instanceof CliError)) throw error;
  return [error.exitCode, error.message];
}

/** The exit code and message of what `run` throws or rejects with. */
export async function refusal(run: () => unknown): Promise<readonly [number, string]> {
  try {
    await run();
  } catch (error) {
    return toPair(error);
  }
  throw new Error("nothing was refused");
}

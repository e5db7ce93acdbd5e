/** Opens the results' file or stdout. */
import { closeSync, constants, fstatSync, fsyncSync, ftruncateSync, openSync, statSync, writeSync } from "node:fs";
import { CliError } from "../cli-error.ts";
import { OutputClosedError } from "./output-file.ts";
import type { OutputFile } from "./output-file.ts";

export interface OpenOutputOptions {
  /** The reader of stdout, or of a pipe, went away: called once. */
  readonly onClosed?: (() => void) | undefined;
}

/**
 * "-" is stdout. A file is created, or kept as it is: the journal decides what of it stays. Pipes and devices are
 * written like stdout.
 *
 * @throws {CliError} 73 when the file can't be created.
 */
export function openOutput(path: string, options?: OpenOutputOptions): OutputFile {
  if (path === "-") return new StreamOutput(path, 1, options?.onClosed);
  let fd: number;
  try {
    const isStream = statSync(path, { throwIfNoEntry: false })?.isFile() === false;
    // A pipe opened for reading too would have a reader for ever: us.
    fd = openSync(path, isStream ? constants.O_WRONLY : constants.O_RDWR | constants.O_CREAT, 0o666);
    if (isStream) return new StreamOutput(path, fd, options?.onClosed);
  } catch (error) {
    throw new CliError(73, `output ${path} can't be created: ${reasonOf(error)}`, { cause: error });
  }
  return new RegularOutput(path, fd);
}

class RegularOutput implements OutputFile {
  readonly path: string;
  readonly #fd: number;
  #offset: number;
  #isClosed = false;

  constructor(path: string, fd: number) {
    this.path = path;
    this.#fd = fd;
    this.#offset = fstatSync(fd).size;
  }

  write(lines: string): number {
    const bytes = Buffer.from(lines);
    const start = this.#offset;
    try {
      let written = 0;
      while (written < bytes.length)
        written += writeSync(this.#fd, bytes, written, bytes.length - written, start + written);
    } catch (error) {
      const failure = writeFailure(this.path, error);
      try {
        ftruncateSync(this.#fd, start);
      } catch {
        // The disk has just refused more than this. The journal knows the offset: the next run cuts what is behind it.
      }
      throw failure;
    }
    this.#offset = start + bytes.length;
    return this.#offset;
  }

  truncate(offset: number): void {
    try {
      ftruncateSync(this.#fd, offset);
    } catch (error) {
      throw writeFailure(this.path, error);
    }
    this.#offset = offset;
  }

  size(): number {
    return fstatSync(this.#fd).size;
  }

  sync(): void {
    try {
      fsyncSync(this.#fd);
    } catch (error) {
      throw writeFailure(this.path, error);
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    closeSync(this.#fd);
  }
}

/** What can't be taken back: stdout, a pipe, a device. A slow reader holds the writer up; nothing is buffered here. */
class StreamOutput implements OutputFile {
  readonly path: string;
  readonly #fd: number;
  readonly #onClosed: (() => void) | undefined;
  #offset = 0;
  #isClosed = false;

  constructor(path: string, fd: number, onClosed: (() => void) | undefined) {
    this.path = path;
    this.#fd = fd;
    this.#onClosed = onClosed;
  }

  write(lines: string): number {
    if (this.#isClosed) throw new OutputClosedError();
    const bytes = Buffer.from(lines);
    let written = 0;
    while (written < bytes.length) {
      try {
        written += writeSync(this.#fd, bytes, written);
      } catch (error) {
        const code = codeOf(error);
        if (code === "EAGAIN") {
          waitForReader();
        } else if (code === "EPIPE") {
          this.#isClosed = true;
          this.#onClosed?.();
          throw new OutputClosedError({ cause: error });
        } else {
          throw writeFailure(this.path, error);
        }
      }
    }
    this.#offset += bytes.length;
    return this.#offset;
  }

  truncate(): void {
    // What a reader has, it has: at least once.
  }

  size(): undefined {
    return undefined;
  }

  close(): void {
    // stdout belongs to the process.
    if (this.#fd > 2 && !this.#isClosed) closeSync(this.#fd);
    this.#isClosed = true;
  }
}

/** Somebody made the pipe non-blocking and it is full. Sleeps 2 ms: there is no call that blocks until it has room. */
function waitForReader(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
}

function writeFailure(path: string, error: unknown): CliError {
  const name = path === "-" ? "stdout" : path;
  return new CliError(74, `output ${name} can't be written: ${reasonOf(error)}`, {
    hint: "what is acknowledged is in the journal; run the same command again when there is room",
    cause: error,
  });
}

function reasonOf(error: unknown): string {
  switch (codeOf(error)) {
    case "ENOSPC":
      return "the disk is full";
    case "EDQUOT":
      return "the disk quota is used up";
    case "EFBIG":
      return "the file would be larger than allowed";
    case "EROFS":
      return "the disk is read-only";
    case "EISDIR":
      return "it is a directory";
    case "ENOENT":
      return "its folder does not exist";
    case "EACCES":
    case "EPERM":
      return "this user may not write there";
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

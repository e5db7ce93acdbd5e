/** The bytes of an input, chunk by chunk, and a way to stop waiting for them. */
import { open } from "node:fs/promises";
import { CliError } from "../cli-error.ts";

const CHUNK = 256 * 1024;

export interface ByteSource {
  /** As given; in every message. */
  readonly name: string;
  /** Each chunk is the receiver's own. Closes what it opened when it ends or is returned. */
  chunks(): AsyncGenerator<Buffer, void, void>;
  /** Ends a wait for bytes that may never come. */
  cancel(): void;
}

export function fileSource(name: string, path: string): ByteSource {
  return { name, chunks: () => fileChunks(name, path), cancel: () => undefined };
}

export function streamSource(name: string, stream: NodeJS.ReadableStream): ByteSource {
  return {
    name,
    chunks: () => streamChunks(name, stream),
    cancel() {
      // A Readable ends its iterator when it is destroyed; a bare ReadableStream has no such thing and is left alone.
      if ("destroy" in stream && typeof stream.destroy === "function") stream.destroy();
    },
  };
}

async function* fileChunks(name: string, path: string): AsyncGenerator<Buffer, void, void> {
  const file = await open(path, "r").catch((error: unknown) => {
    throw unreadable(name, error);
  });
  try {
    for (;;) {
      const buffer = Buffer.allocUnsafeSlow(CHUNK);
      const { bytesRead } = await file.read(buffer, 0, CHUNK, null).catch((error: unknown) => {
        throw unreadable(name, error);
      });
      if (bytesRead === 0) return;
      yield bytesRead === CHUNK ? buffer : buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

async function* streamChunks(name: string, stream: NodeJS.ReadableStream): AsyncGenerator<Buffer, void, void> {
  try {
    for await (const chunk of stream) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
  } catch (error) {
    // Destroyed by cancel(): nobody waits for more.
    if (codeOf(error) === "ERR_STREAM_PREMATURE_CLOSE") return;
    throw unreadable(name, error);
  }
}

/** @returns A CliError 66 that says what the system said. */
export function unreadable(name: string, error: unknown): CliError {
  const code = codeOf(error);
  const options = { cause: error };
  if (code === "ENOENT") return new CliError(66, `input ${name} does not exist`, options);
  if (code === "EISDIR") return new CliError(66, `input ${name} is a directory; name a file`, options);
  if (code === "EACCES" || code === "EPERM")
    return new CliError(66, `input ${name} may not be read by this user`, options);
  return new CliError(
    66,
    `input ${name} can't be read: ${error instanceof Error ? error.message : String(error)}`,
    options,
  );
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

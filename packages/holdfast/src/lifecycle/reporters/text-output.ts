/**
 * Text to a stream, so that whoever flushes can wait for it.
 */

/** A stream of Node, like `process.stdout`, a file, or a pipe; all that is not needed may be missing. */
export interface TextStream {
  write(text: string, done?: (error?: Error | null) => void): unknown;
  readonly isTTY?: boolean | undefined;
  /** Bytes that were written and are not gone. */
  readonly writableLength?: number | undefined;
}

/** Settles when the stream has taken the text: at once where it says that nothing waits, else when it calls back. Rejects when it can't. */
export function writeText(stream: TextStream, text: string): Promise<void> | undefined {
  let isDone = false;
  let failure: Error | null | undefined;
  let settle: ((error: Error | null | undefined) => void) | undefined;
  stream.write(text, (error) => {
    isDone = true;
    failure = error;
    settle?.(error);
  });
  // One without a callback would be waited for to the end of every flush; a terminal or a file has taken it by now.
  if (!isDone && (stream.writableLength ?? 0) === 0) return undefined;
  return new Promise((resolve, reject) => {
    settle = (error) => (error ? reject(error) : resolve());
    if (isDone) settle(failure);
  });
}

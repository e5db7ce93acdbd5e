/**
 * `console.log` of a handler goes where `log` goes: standard output belongs to the results, and a line written past the
 * live display would tear it.
 */
import { Console } from "node:console";
import { Writable } from "node:stream";

/** Sends the global console's lines to `write`, whole ones, without their newline, until the returned function is called. */
export function redirectConsole(write: (line: string) => void): () => void {
  const original = globalThis.console;
  const sink = new Writable({
    decodeStrings: false,
    write(chunk: unknown, _encoding, done) {
      const text = String(chunk);
      write(text.endsWith("\n") ? text.slice(0, -1) : text);
      done();
    },
  });
  globalThis.console = new Console({ stdout: sink, stderr: sink, colorMode: false });
  return () => {
    globalThis.console = original;
  };
}

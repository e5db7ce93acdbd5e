/// <reference lib="esnext.disposable" preserve="true" />
/**
 * What was still running when the process ended: a program that ends too early has lost something, and one that was told to end says what it was at.
 */
import { writeSync } from "node:fs";
import { dump } from "./dump.ts";
import { formatDump } from "./format-dump.ts";

/**
 * Writes a dump to stderr when the process exits, if tasks or groups are left then: after the last event, or by `process.exit()`. Not when a signal kills it. One listener, until it is disposed of.
 */
export function dumpOnExit(): Disposable {
  const onExit = (): void => {
    const found = dump();
    if (found.scopes.length > 0)
      writeSync(2, `holdfast: the process exits, and this still runs\n${formatDump(found)}\n`);
  };
  process.on("exit", onExit);
  return { [Symbol.dispose]: () => void process.off("exit", onExit) };
}

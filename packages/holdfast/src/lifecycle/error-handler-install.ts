/**
 * The last net of a process: what nobody has caught is reported, and the process ends when reporters have had their time.
 *
 * Invariants
 * - INSTALL-1: nothing of it is left when it was disposed of.
 * - INSTALL-2: where others listen too, they are called as before, and it is theirs to end the process, unless `exit` says otherwise.
 */
import type { EventEmitter } from "node:events";
import process from "node:process";
import { onLateError } from "../core/index.ts";
import { checkDuration } from "../core/lowlevel.ts";
import { lastNets } from "./last-nets.ts";
import { printError } from "./print-error.ts";

export interface InstallOptions {
  /** Whether the process ends after such an error. Default: yes, as Node does it, unless somebody else listens for it: then it is theirs to say. */
  readonly exit?: boolean | undefined;
  /** Default 1. */
  readonly exitCode?: number | undefined;
  /** Milliseconds that reporters have before the process ends. Default 2,000. */
  readonly flushLimit?: number | undefined;
}

const EVENTS = ["unhandledRejection", "uncaughtException"] as const;

/** What is needed of a handler. */
export interface InstalledHandler {
  /** Whether somebody is told of the error, now or before. */
  report(error: unknown, context: { readonly task?: string; readonly origin: string }): boolean;
  flush(limit: number): Promise<unknown>;
}

/** Whose events they are; typed by name, since the two have listeners of two kinds. */
const host: EventEmitter = process;

/** Handlers that are flushing before the end. The last one ends the process, or the first would cut the others short. */
let ending = 0;

export function installHandler(handler: InstalledHandler, options: InstallOptions): Disposable {
  const { exit, exitCode = 1, flushLimit = 2000 } = options;
  checkDuration("install: flushLimit", flushLimit, 0, "errorHandler");
  if (!Number.isInteger(exitCode) || exitCode < 0 || exitCode > 255)
    throw new RangeError(`errorHandler: install: exitCode must be an integer from 0 to 255, got ${exitCode}`);
  let isEnding = false;
  const caught = (error: unknown, origin: (typeof EVENTS)[number]): void => {
    const isTold = handler.report(error, { origin });
    const ends = exit ?? host.listeners(origin).every((listener) => lastNets.has(listener));
    if (!ends) return;
    // The limits are for those who read reports, not for the last words of a process.
    if (!isTold) printError(error);
    if (isEnding) return;
    isEnding = true;
    ending++;
    process.exitCode = exitCode;
    void handler.flush(flushLimit).then(() => {
      if (--ending === 0) process.exit(exitCode);
    });
  };
  const listeners = EVENTS.map((event) => {
    const listener = (error: unknown): void => caught(error, event);
    lastNets.add(listener);
    // Before the others: one of them may end the process at once.
    host.prependListener(event, listener);
    return () => void host.removeListener(event, listener);
  });
  const late = onLateError((error, { task }) => void handler.report(error, { task, origin: "lateError" }));
  return {
    [Symbol.dispose]: () => {
      for (const remove of listeners) remove();
      late[Symbol.dispose]();
    },
  };
}

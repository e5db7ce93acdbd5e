/**
 * The process that a program runs in.
 *
 * Invariants
 * - PROCESS-1: nothing is listened to before `listenTo`, nor after what it returned was called.
 * - PROCESS-2: a program that has a listener of its own for an event keeps the say in it: we are told, and leave it at that.
 */
import { lastNets } from "./last-nets.ts";
import { after } from "./run-main-timer.ts";

/** Standard output, or standard error. */
export interface MainStream {
  readonly isTTY?: boolean | undefined;
  readonly writableLength: number;
  write(text: string, written?: () => void): unknown;
  on(event: "error", listener: (error: unknown) => void): unknown;
  off(event: "error", listener: (error: unknown) => void): unknown;
  listenerCount(event: "error"): number;
}

/** So much of Node's `process` as a program needs. */
export interface MainProcess {
  exitCode?: number | string | null | undefined;
  readonly stdout: MainStream;
  readonly stderr: MainStream;
  /** Of which HOLDFAST_DEBUG is read. Node has it. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  // Never: whoever is called back knows what the event brings.
  on(event: string, listener: (value: never) => void): unknown;
  off(event: string, listener: (value: never) => void): unknown;
  listenerCount(event: string): number;
  /** Which those are: that of an installed error handler does not end the process. Node has it. */
  listeners?(event: string): readonly object[];
  exit(code: number): unknown;
  /** What keeps it alive, one word each. Node has it. */
  getActiveResourcesInfo?(): readonly string[];
}

export type CrashOrigin = "unhandledRejection" | "uncaughtException";

export interface ProcessListeners {
  readonly onSignal: (signal: string) => void;
  /** `isOurs`: nobody else listens, so that it would have ended the process. */
  readonly onCrash: (error: unknown, origin: CrashOrigin, isOurs: boolean) => void;
  /** Whoever read standard output has gone. */
  readonly onOutputClosed: () => void;
}

/** Listens until the returned function is called. */
export function listenTo(process: MainProcess, signals: readonly string[], listeners: ProcessListeners): () => void {
  const removals: (() => void)[] = [];
  const listen = (event: string, listener: (value: never) => void): void => {
    process.on(event, listener);
    removals.push(() => process.off(event, listener));
  };
  for (const signal of new Set(signals)) listen(signal, () => listeners.onSignal(signal));
  for (const origin of ["unhandledRejection", "uncaughtException"] as const)
    listen(origin, (error: unknown) => listeners.onCrash(error, origin, strangers(process, origin) === 1));
  const onOutputError = (error: unknown): void => {
    if (process.stdout.listenerCount("error") > 1) return;
    if (isBrokenPipe(error)) listeners.onOutputClosed();
    else listeners.onCrash(error, "uncaughtException", true);
  };
  // There is nobody left who could be told.
  const onErrorOutputError = (): void => {};
  process.stdout.on("error", onOutputError);
  process.stderr.on("error", onErrorOutputError);
  removals.push(
    () => process.stdout.off("error", onOutputError),
    () => process.stderr.off("error", onErrorOutputError),
  );
  return () => {
    for (const remove of removals) remove();
  };
}

/** Listeners that may have the say in it: all, us included, but those of installed error handlers. */
function strangers(process: MainProcess, event: string): number {
  return process.listeners?.(event).filter((one) => !lastNets.has(one)).length ?? process.listenerCount(event);
}

export function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EPIPE";
}

/** Resolves when what was written is with the system, or after `limit` milliseconds: a process that exits loses what a slow pipe has not taken. */
export function drained(stream: MainStream, limit: number): Promise<void> {
  return new Promise((resolve) => {
    if (stream.writableLength === 0) {
      resolve();
      return;
    }
    const stop = after(limit, resolve);
    stream.write("", () => {
      stop();
      resolve();
    });
  });
}

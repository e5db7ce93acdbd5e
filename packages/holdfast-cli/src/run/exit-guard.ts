/**
 * What a handler can do to the whole process, told instead of suffered: `process.exit`, an error outside every item,
 * and work that nothing can finish any more because nothing is left that could wake it.
 *
 * GUARD-1: whatever ends the process, what was recorded is committed, and the items in flight are named.
 */

export interface ExitGuardOptions {
  /** Called at most once, synchronously, inside whatever ends the process: commit, say what was in flight. Returns the exit code. */
  readonly onExit: (cause: ExitCause) => number;
}

export type ExitCause =
  | { readonly kind: "exit"; readonly code: number; readonly where: string | undefined }
  | { readonly kind: "error"; readonly error: unknown; readonly origin: "uncaughtException" | "unhandledRejection" }
  | { readonly kind: "stuck" };

/** Guards until the returned function is called. */
export function guardExit({ onExit }: ExitGuardOptions): () => void {
  let isOpen = true;
  const end = (cause: ExitCause): number => {
    release();
    return onExit(cause);
  };
  const onProcessExit = (code: number): void => {
    // Set, not passed on: this listener runs inside the handler's own process.exit call.
    process.exitCode = end({ kind: "exit", code, where: callerOfExit(new Error("exit").stack ?? "") });
  };
  const onError = (error: unknown, origin: "uncaughtException" | "unhandledRejection"): void => {
    process.exit(end({ kind: "error", error, origin }));
  };
  const onEmptyLoop = (): void => {
    process.exit(end({ kind: "stuck" }));
  };
  process.on("exit", onProcessExit);
  process.on("uncaughtException", onError);
  process.on("beforeExit", onEmptyLoop);
  function release(): void {
    if (!isOpen) return;
    isOpen = false;
    process.off("exit", onProcessExit);
    process.off("uncaughtException", onError);
    process.off("beforeExit", onEmptyLoop);
  }
  return release;
}

/** The frame that called `process.exit`; undefined where the loop just ended. */
function callerOfExit(stack: string): string | undefined {
  const frames = stack.split("\n").slice(1);
  const exit = frames.findIndex((frame) => /\bprocess\.(?:really)?exit\b/i.test(frame) && frame.includes("node:"));
  return exit === -1 ? undefined : frames[exit + 1]?.trim().replace(/^at /, "");
}

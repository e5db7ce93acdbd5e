/**
 * The function that is evaluated in each thread of the process that is looked into. It is sent as source, so it refers to nothing around it. The library's own `dump` does the work: it is loaded into the process from
 * the tool's copy, and sees the tasks of all copies.
 */
import type { ProcessDump } from "holdfast/inspect";

export interface LookInput {
  /** The CommonJS build of `holdfast/inspect`: that can be loaded while a loop runs. */
  readonly library: string;
  readonly deep: boolean;
  /** Bytes of heap beyond which it is not searched. */
  readonly heapLimit: number;
}

/** What a thread said of itself. */
export interface Look {
  readonly dump: ProcessDump;
  /** Bytes in use. */
  readonly heap: number;
  /** Whether the heap was to be searched and was too large. */
  readonly isTooLarge: boolean;
  /** Milliseconds for which the thread stood still. */
  readonly pause: number;
  /** Milliseconds since its event loop began that it was busy, and that it was idle. */
  readonly loop: { readonly active: number; readonly idle: number };
  /** Frames of the JavaScript that was interrupted, the innermost first; none when the process was idle. */
  readonly running: readonly string[];
  /** What keeps the event loop going: how many of which kind. */
  readonly resources: Readonly<Record<string, number>>;
  /** Addresses, processes and files behind them, where they have one. */
  readonly handles: readonly string[];
}

/** Gives a module of Node. */
export type Builtin = (name: string) => unknown;

export function look(builtin: Builtin, input: LookInput): Look {
  // All below hold: modules of Node have these members.
  const { performance } = builtin("node:perf_hooks") as {
    performance: { now(): number; eventLoopUtilization(): { active: number; idle: number } };
  };
  const { createRequire } = builtin("node:module") as { createRequire: (path: string) => (name: string) => unknown };
  const { getHeapStatistics } = builtin("node:v8") as { getHeapStatistics: () => { used_heap_size: number } };
  const began = performance.now();
  const { active, idle } = performance.eventLoopUtilization();
  const limit = Error.stackTraceLimit;
  let stack: string[];
  try {
    Error.stackTraceLimit = 50;
    stack = (new Error("only for its stack").stack ?? "").split("\n").slice(1);
  } catch {
    // Somebody froze Error.
    stack = [];
  } finally {
    try {
      Error.stackTraceLimit = limit;
    } catch {
      // As above.
    }
  }
  // What was evaluated has no file; the frames of the program come below it.
  const own = stack.findLastIndex((line) => / \(<anonymous>:\d+:\d+\)$| <anonymous>:\d+:\d+$/u.test(line));
  const running = stack.slice(own + 1).map((line) => line.replace(/^\s*at (?:async )?/u, ""));

  const heap = getHeapStatistics().used_heap_size;
  const isTooLarge = input.deep && heap > input.heapLimit;

  const resources: Record<string, number> = {};
  // Holds: these are not in the types of every version, and asked for before they are used.
  const host = process as unknown as Record<string, (() => unknown[]) | undefined>;
  for (const name of host["getActiveResourcesInfo"]?.() ?? [])
    resources[String(name)] = (resources[String(name)] ?? 0) + 1;
  const handles: string[] = [];
  for (const handle of host["_getActiveHandles"]?.() ?? []) {
    // Holds: whatever a handle is, these are asked for before they are used.
    const {
      address,
      remoteAddress,
      remotePort,
      spawnfile,
      pid,
      fd,
      _type: type,
    } = handle as {
      address?: () => { address?: string; port?: number } | string | null;
      remoteAddress?: string;
      remotePort?: number;
      spawnfile?: string;
      pid?: number;
      fd?: number;
      _type?: string;
    };
    // What a process writes to does not hold it open; they are counted among its resources all the same.
    const stream = type === "pipe" ? "PipeWrap" : "TTYWrap";
    if ((fd === 1 || fd === 2) && resources[stream] !== undefined) {
      resources[stream] -= 1;
      if (resources[stream] === 0) delete resources[stream];
    }
    try {
      if (fd === 0) handles.push("standard input");
      else if (spawnfile !== undefined && pid !== undefined) handles.push(`child process ${pid} (${spawnfile})`);
      else if (remoteAddress !== undefined) handles.push(`connection to ${remoteAddress}:${remotePort}`);
      else if (typeof address === "function") {
        const bound = address.call(handle);
        if (typeof bound === "string") handles.push(`server on ${bound}`);
        else if (bound !== null && bound.port !== undefined) handles.push(`server on ${bound.address}:${bound.port}`);
      }
    } catch {
      // Closed already.
    }
  }

  // Holds: it is that module's index.
  const { dump } = createRequire(input.library)(input.library) as {
    dump: (options: { deep: boolean }) => ProcessDump;
  };
  const dumped = dump({ deep: input.deep && !isTooLarge });
  const pause = performance.now() - began;
  return { dump: dumped, heap, isTooLarge, pause, loop: { active, idle }, running, resources, handles };
}

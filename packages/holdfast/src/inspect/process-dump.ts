/**
 * What a process waits for, as plain data: it survives JSON, so whoever looks may be another process.
 */

/** Why and by whom something was cancelled. */
export interface DumpedCancellation {
  /** What came first: "cancel", "deadline", "sibling", "outer" or "closing"; undefined for a foreign reason. */
  readonly kind: string | undefined;
  readonly message: string;
  /** The task that failed, or one stack frame of the call of `cancel()`; undefined where that is not known. */
  readonly by: string | undefined;
  /** Milliseconds since then; undefined for a foreign reason. */
  readonly age: number | undefined;
}

/** One thing that is waited for. */
export interface DumpedWait {
  /** "sleep", "join", "permit", "put", "get", "latch", …; "tasks" for those of a group, "call" for one of ours, "promise" for any other. */
  readonly kind: string;
  /** What exactly: a task, a group, a resource. */
  readonly what: string | undefined;
  /** The id of the task whose end is waited for. */
  readonly task: number | undefined;
  /** Tells the locks and semaphores of one dump from each other; undefined for what is none. */
  readonly resource: number | undefined;
  /** Milliseconds until a sleep ends; undefined for what is none. */
  readonly timeLeft: number | undefined;
  /** false: it was given no signal, so no cancellation ends it. */
  readonly hasSignal: boolean;
  /** Index into {@link ProcessDump.stacks}; undefined where no stack is known. */
  readonly stack: number | undefined;
  /** How often exactly this is waited for, by one task at a time. */
  readonly count: number;
  /** How many of them an earlier search of the heap has seen, the very same promises; of waits of the library always 0. */
  readonly seenBefore: number;
  /** Milliseconds since the first of those searches; undefined if there is none. */
  readonly seenFor: number | undefined;
  /** Whether a search of the heap has shown that nothing can end it but a cancellation: nobody has a permit of the lock, or the other end of the channel, any more. */
  readonly isLost: boolean;
}

/** A task, a group, or a call of ours that runs. */
export interface DumpedScope {
  readonly kind: "task" | "group" | "call";
  /** Index into {@link ProcessDump.scopes} of what it runs in; undefined at the top. */
  readonly parent: number | undefined;
  /** The task's; undefined for what is none. */
  readonly id: number | undefined;
  readonly name: string;
  /** The task's: "waiting", "running" or "abandoned", or its end while something that it left behind still runs; undefined for what is none. */
  readonly state: string | undefined;
  /** Milliseconds since the task was started, for a lane of `map` since its item was; undefined before, and for what is no task. */
  readonly age: number | undefined;
  /** The index of the item that a lane is busy with. */
  readonly item: number | undefined;
  /** Milliseconds until its own deadline, negative after it; undefined without one. */
  readonly timeLeft: number | undefined;
  /** One stack frame of whoever started it, where that was recorded. */
  readonly spawnedAt: string | undefined;
  /** Where the function of a task is written, if neither its spawn site nor any stack is known. */
  readonly functionAt: string | undefined;
  /** Whether it has looked at its cancellation. */
  readonly sawSignal: boolean;
  /** Why it was cancelled, if it was itself; those below it were with it. */
  readonly cancelled: DumpedCancellation | undefined;
  /** Whether a cancellation from above does not reach it: services, cleanups, shields. */
  readonly isShielded: boolean;
  /** Whether it is a group without a body whose `close()` nobody has called. */
  readonly isOpen: boolean;
  readonly waits: readonly DumpedWait[];
  /** Locks of one permit that it holds, as {@link DumpedWait.resource}: as far as somebody waits for them: those that `run` holds, and, in a search of the heap, permits that were taken with a signal. */
  readonly holds: readonly number[];
  /** Frames outside of all tasks that wait for it: those of a main program. */
  readonly awaitedAt: readonly string[];
  /** Tasks below it that are not listed. */
  readonly omitted: number;
}

/** Frames that wait, the innermost first, and how many waits have exactly these. */
export interface DumpedStack {
  readonly frames: readonly string[];
  readonly count: number;
}

/** A process at one moment. */
export interface ProcessDump {
  /** Of this shape. */
  readonly version: 1;
  /** Milliseconds on the clock of `performance.now()`, of the same thread. */
  readonly at: number;
  readonly pid: number;
  /** Of Node. */
  readonly node: string;
  /** What paths can be shortened by. */
  readonly folder: string;
  /** The version of each copy of the library that runs something. */
  readonly libraries: readonly string[];
  /** "exact": as V8 knows them. "none": they were not asked for. "unavailable": this host does not tell. */
  readonly stackSource: "exact" | "none" | "unavailable";
  /** Parents before their children. */
  readonly scopes: readonly DumpedScope[];
  /** Tasks that are not listed: there were more than the limit. */
  readonly omitted: number;
  /** What is waited for outside of any task, the most frequent first. */
  readonly outside: readonly DumpedWait[];
  readonly stacks: readonly DumpedStack[];
  /** What went wrong with the dump itself, in sentences. */
  readonly notes: readonly string[];
}

/**
 * What all copies and versions of this package in one process share, under one global symbol: the
 * suppressed errors, the history of attempts, the listeners for late errors, and the list of runtimes that a
 * tool reads from outside. Made when it is first needed: an import does nothing.
 */

/** One call that failed, of work that is tried several times. */
export interface Attempt {
  /** 1 for the first call. */
  readonly attempt: number;
  readonly error: unknown;
  /** A point on the clock of `performance.now()`. */
  readonly startedAt: number;
  /** Milliseconds. */
  readonly duration: number;
  /** Milliseconds waited before the next call; undefined when there was none. */
  readonly delay: number | undefined;
}

/** A task that failed, or that the one below was spawned in. */
export interface TaskFrame {
  readonly task: string;
  /** The name of its group. */
  readonly group: string;
  /** One stack frame of the caller of `spawn`, where it was recorded. */
  readonly spawnedAt: string | undefined;
  /** Milliseconds from its start until the failure, of a lane those for its item; undefined for a cleanup. */
  readonly age: number | undefined;
  /** The index of the item that it was busy with, if it is a lane of `map`, `forEach` or `mapStream`. */
  readonly item: number | undefined;
}

/** A rejection that nobody waits for any more, or a second error that nothing could carry. */
export type LateErrorListener = (
  error: unknown,
  info: { readonly task: string; readonly spawnedAt: string | undefined },
) => void;

/** What a tool sees of one copy of the library. */
export interface Runtime {
  readonly version: string;
  /** The root of the tree of everything that runs. */
  readonly root: object;
}

export interface Registry {
  readonly runtimes: Runtime[];
  readonly suppressed: WeakMap<object, unknown[]>;
  readonly attempts: WeakMap<object, readonly Attempt[]>;
  /** The tasks that an error has failed. */
  readonly tasks: WeakMap<object, readonly TaskFrame[]>;
  readonly lateErrorListeners: LateErrorListener[];
}

const KEY = Symbol.for("holdfast.registry/1");

let shared: Registry | undefined;

export function registry(): Registry {
  if (shared !== undefined) return shared;
  // Holds: the symbol is ours, and its version is part of its name, so whoever was first has put this shape there.
  const globals = globalThis as { [KEY]?: Registry };
  return (shared = globals[KEY] ??=
    {
      runtimes: [],
      suppressed: new WeakMap(),
      attempts: new WeakMap(),
      tasks: new WeakMap(),
      lateErrorListeners: [],
    });
}

const OWNER = Symbol.for("holdfast.owner/1");

/**
 * Links a signal that we have made to the scope that aborts it: a property under a shared symbol, since an entry in a WeakMap costs as much as the signal. Another copy
 * only asks the scope for its `deadline`.
 */
export function claim(signal: object, scope: object): void {
  // Holds: nothing but this symbol is written, on an object of our own.
  (signal as { [OWNER]?: object })[OWNER] = scope;
}

/** The scope that aborts `signal`, of whatever copy; undefined for a foreign one. */
export function ownerOf(signal: object): object | undefined {
  // Holds: whatever it is, only this symbol is read.
  return (signal as { [OWNER]?: object })[OWNER];
}

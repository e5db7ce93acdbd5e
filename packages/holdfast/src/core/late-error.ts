/// <reference lib="esnext.disposable" preserve="true" />
/**
 * Errors that nobody can be told any more by a rejection: of work that was abandoned, and second errors that a primitive first error can't carry.
 * Each is reported once, here: never silence, never an unhandledRejection.
 */
import { registry, type LateErrorListener } from "./registry.ts";

export type { LateErrorListener };

/**
 * Calls `listener` for every late error from now on, until the returned object is disposed. While there is no listener they go to
 * `console.error`. A listener that throws is reported there and keeps no other from being called.
 */
export function onLateError(listener: LateErrorListener): Disposable {
  if (typeof listener !== "function") throw new TypeError(`onLateError takes a function, got ${typeof listener}`);
  const { lateErrorListeners } = registry();
  // An object of its own for each call: the same function may be registered twice and disposed once.
  const entry: LateErrorListener = (error, info) => listener(error, info);
  lateErrorListeners.push(entry);
  return {
    [Symbol.dispose]: () => {
      const index = lateErrorListeners.indexOf(entry);
      if (index >= 0) lateErrorListeners.splice(index, 1);
    },
  };
}

export function reportLateError(error: unknown, task: string, spawnedAt?: string): void {
  const listeners = [...registry().lateErrorListeners];
  if (listeners.length === 0)
    console.error(`holdfast: late error of "${task}", which nobody waits for any more:`, error);
  for (const listener of listeners) {
    try {
      listener(error, { task, spawnedAt });
    } catch (thrown) {
      console.error("holdfast: a listener of onLateError threw:", thrown);
    }
  }
}

/** Calls a hook of the user's, and reports what it throws, or rejects with if it is async. */
export function callHook(hook: () => unknown, name: string): void {
  const report = (error: unknown): void => reportLateError(error, name);
  try {
    const returned = hook();
    // Once round a promise of the host's: a foreign thenable may throw, or call back twice.
    if (typeof returned === "object" && returned !== null) Promise.resolve(returned).then(undefined, report);
  } catch (thrown) {
    report(thrown);
  }
}

/** Says what is no error and yet wrong, where nobody can be told otherwise. */
export function warn(message: string): void {
  console.error(`holdfast: ${message}`);
}

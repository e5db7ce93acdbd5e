/**
 * A call that its caller can leave.
 */
import type { Awaitable } from "./operation.ts";

export interface Leavable<T> {
  /** Settles as the call does, or rejects when it is left. */
  readonly promise: Promise<T>;
  /** Rejects the promise with `reason`; false if it had settled. */
  readonly leave: (reason: unknown) => boolean;
}

/** Calls `run` now. `late` gets what it throws after it was left. */
export function leavable<T>(run: () => Awaitable<T>, late: (error: unknown) => void): Leavable<T> {
  let isWaiting = true;
  let leave: (reason: unknown) => boolean = () => false;
  const promise = new Promise<T>((resolve, reject) => {
    leave = (reason) => {
      const was = isWaiting;
      isWaiting = false;
      reject(reason);
      return was;
    };
    (async () => await run())().then(
      (value) => {
        isWaiting = false;
        resolve(value);
      },
      (error: unknown) => {
        if (!isWaiting) late(error);
        isWaiting = false;
        reject(error);
      },
    );
  });
  return { promise, leave };
}

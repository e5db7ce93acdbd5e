/**
 * The errors that came beside the one that was thrown. Kept in a WeakMap: user errors are never changed, frozen ones work.
 */
import { reportLateError } from "./late-error.ts";
import { registry } from "./registry.ts";

const MOST = 100;

/**
 * The errors that a call met beside the one it threw: siblings that failed too, a timeout that lost against a real error. In order
 * of failure, at most 100 (the rest went to {@link onLateError}); empty for an error that carries none.
 */
export function suppressedErrors(error: unknown): readonly unknown[] {
  return [...((typeof error === "object" && error !== null && registry().suppressed.get(error)) || [])];
}

/** The same object, thrown by two, is one error. */
export function distinct(errors: Iterable<unknown>): unknown[] {
  const seen = new Set<unknown>();
  return [...errors].filter(
    (error) => typeof error !== "object" || error === null || seen.size !== seen.add(error).size,
  );
}

/** Attaches `others` to `error`, each object once. What it can't carry, because it is a primitive or full, is reported as late: it is never lost. */
export function suppress(error: unknown, others: Iterable<unknown>, task: string): void {
  let list: unknown[] | undefined;
  for (const other of distinct(others)) {
    if (other === error && typeof error === "object" && error !== null) continue;
    if (typeof error === "object" && error !== null) {
      const { suppressed } = registry();
      list ??= suppressed.get(error);
      if (list === undefined) suppressed.set(error, (list = []));
      if (typeof other === "object" && list.includes(other)) continue;
      if (list.length < MOST) {
        list.push(other);
        continue;
      }
    }
    reportLateError(other, task);
  }
}

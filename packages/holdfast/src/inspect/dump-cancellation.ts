/**
 * Who cancelled it, and why.
 */
import { fieldsOf } from "../core/lowlevel.ts";
import type { DumpedCancellation } from "./process-dump.ts";
import type { TreeScope } from "./tree.ts";

/** Why `scope` itself was cancelled; undefined if it was not, or with what it runs in. */
export function cancellationOf(scope: TreeScope, time: number): DumpedCancellation | undefined {
  const reason = scope.cold?.reason;
  if (reason === undefined) return undefined;
  const isOurs = fieldsOf(reason).code === "ERR_CANCELLED";
  // Hold, both: an error with that code is a CancelledError, of whatever copy.
  const { at, by } = isOurs ? (reason as { readonly at?: number; readonly by?: string }) : {};
  return {
    kind: scope.cold?.kind,
    message: messageOf(reason),
    by,
    age: typeof at === "number" ? time - at : undefined,
  };
}

/** Of what was thrown by whomever: reading it may throw too. */
function messageOf(reason: object): string {
  try {
    return reason instanceof Error ? reason.message : String(reason);
  } catch {
    return "a reason that can't be read";
  }
}

/**
 * A group around a block of code.
 */
import { checkFunction, rejecting } from "./argument.ts";
import { reasonOf, scopeOf } from "./cancel.ts";
import { Group } from "./group.ts";
import { checkGroup, type GroupOptions } from "./group-options.ts";
import type { Awaitable } from "./operation.ts";
import { callSite } from "./spawn-site.ts";
import type { TaskGroup } from "./task.ts";

const DEFAULTS: GroupOptions = {};

/**
 * Calls `body` with a new group and settles when the body and every task that was spawned in the group have settled; never earlier, not even when cancelled.
 * The first failure, of a task or of the body, cancels the group: all signals abort, once, and the group waits for all. Then its services are cancelled and its cleanups run.
 *
 * Resolves with what the body returned. After the group's own `cancel()` too, if the body returned; a body that was cut short by it rejects with the CancelledError.
 *
 * @param options `signal` cancels the group; under one that is aborted already, the body is not called. `name` is for errors and tools (default: the body's name).
 * @throws {ErrorGroup} when a task, the body or a cleanup failed: for one error as for many. Errors in the order of failure, each object once.
 * @throws the reason of `options.signal`, when that cut something short and nothing failed
 * @throws {TimeoutError} layer "group", when `options.timeout` cut something short and nothing failed
 * @throws {TypeError | RangeError} for options that can't be, or when `body` is no function
 * @see Nathaniel J. Smith, "Notes on structured concurrency, or: Go statement considered harmful" (2018); trio's nurseries
 */
export function taskGroup<T>(body: (group: TaskGroup) => Awaitable<T>, options?: GroupOptions): Promise<T> {
  // Here, and not further in: JavaScriptCore has forgotten a frame that is in tail position.
  const site = callSite(taskGroup);
  return rejecting(() => {
    checkFunction("taskGroup", body);
    if (options !== undefined) checkGroup("taskGroup", options);
    const parent = scopeOf(options?.signal);
    const reason = reasonOf(parent);
    if (reason !== undefined) throw reason;
    const name = options?.name ?? (body.name || "group");
    return new Group(parent, name, site, options ?? DEFAULTS).run(body);
  });
}

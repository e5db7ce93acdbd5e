/** The core's table of contents. */
export { abortable, type AbortableOptions } from "./abortable.ts";
export { type Attempt, attemptsOf } from "./attempt.ts";
export type { Context } from "./context.ts";
export {
  type ErrorClass,
  ErrorGroup,
  type ErrorGuard,
  type ErrorPredicate,
  type ErrorTest,
  findError,
  splitError,
} from "./error-group.ts";
export {
  type AbandonedTask,
  CancelledError,
  type CancelKind,
  GroupClosedError,
  isCancellation,
  isTimeout,
  TaskCancelledError,
  TimeoutError,
  type TimeoutLayer,
} from "./errors.ts";
export { forEach, type ItemRun, type Items, map, type MapOptions } from "./lanes.ts";
export { type LateErrorListener, onLateError } from "./late-error.ts";
export type { Awaitable, Run } from "./operation.ts";
export { type CombineOptions, type Result, type ResultsOf, settle } from "./result.ts";
export { sleep } from "./sleep.ts";
export { suppressedErrors } from "./suppressed.ts";
export type { Task, TaskContext, TaskGroup, TaskOptions, TaskState } from "./task.ts";
export { type GroupOptions, taskGroup } from "./task-group.ts";
export { type AbandonOptions, type CallOptions, timeout } from "./timeout.ts";

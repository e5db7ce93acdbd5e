/** The core's table of contents. */
export { abortable, type AbortableOptions } from "./abortable.ts";
export { type Attempt, attemptsOf } from "./attempt.ts";
export { all, any, race, type ValuesOf } from "./combinators.ts";
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
  JoinDeadlockError,
  NotReadyError,
  TaskCancelledError,
  TimeoutError,
  type TimeoutLayer,
} from "./errors.ts";
export type { ItemRun, Items } from "./lanes.ts";
export { forEach, map, type MapOptions } from "./map.ts";
export { mapStream, type MapStreamOptions } from "./map-stream.ts";
export { handleErrors } from "./handle-errors.ts";
export type { GroupOptions } from "./group-options.ts";
export { type LateErrorListener, onLateError } from "./late-error.ts";
export type { Awaitable, Run } from "./operation.ts";
export { type CombineOptions, type Result, type ResultsOf, settle } from "./result.ts";
export { type OpenTaskGroup, openTaskGroup } from "./open-task-group.ts";
export { shield } from "./shield.ts";
export { sleep } from "./sleep.ts";
export { suppressedErrors } from "./suppressed.ts";
export type { ReadyContext, Task, TaskContext, TaskGroup, TaskOptions, TaskState } from "./task.ts";
export { type TaskFrame, tasksOf, taskStack } from "./task-stack.ts";
export { taskGroup } from "./task-group.ts";
export { type AbandonOptions, type CallOptions, timeout } from "./timeout.ts";

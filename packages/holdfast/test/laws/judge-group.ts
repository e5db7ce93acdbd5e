/** What must have become of a group, by what its functions did. */
import { ErrorGroup, suppressedErrors } from "holdfast";
import { SETTLED } from "holdfast/lowlevel";
import type { GroupSpec } from "./program.ts";
import { type Call, fields, type Frame, type Outcome, type Place, type Record } from "./record.ts";

/** LAW 1, of every call that owns functions: who was not given up has settled. */
export function judgeMembers(record: Record, call: Call): void {
  const now = record.clock.now();
  for (const frame of call.frames) {
    if (frame.isRefused || frame.hasEnded) continue;
    const what = `${frame.kind} ${frame.id}`;
    const owed = frame.kind !== "entry" && frame.kind !== "item" && frame.kind !== "body" && frame.kind !== "start";
    if (frame.calls === 0) {
      if (owed) record.broken(1, `${call.api} has settled, and ${what} was not called`);
      continue;
    }
    const cancelled = (frame.place ?? call.place)?.cancelled();
    const from =
      call.api === "timeout"
        ? frame.startAt + (frame.limit ?? Infinity)
        : record.cancelledAt(frame.place ?? call.place);
    // What never looked at its signal is given up at once, where no grace was said.
    const grace =
      call.grace ??
      (call.api === "timeout" || call.api === "race" || call.api === "any" || call.api === "items" ? 0 : Infinity);
    const isItem = frame.kind === "item" && frame.limit !== undefined && now >= frame.startAt + frame.limit;
    if (
      !isItem &&
      (frame.kind === "cleanup" || now < from + grace || (cancelled === undefined && call.api !== "timeout"))
    )
      record.broken(1, `${call.api} has settled, and ${what} has not`);
    if (frame.handle !== undefined && frame.handle.state !== "abandoned")
      record.broken(1, `${call.api} has settled, and ${what} is ${frame.handle.state}`);
  }
}

/** Failures with an identity are listed once. */
export function distinct(errors: readonly unknown[]): unknown[] {
  return errors.filter(
    (error, index) => typeof error !== "object" || error === null || errors.indexOf(error) === index,
  );
}

function count(list: readonly unknown[], error: unknown): number {
  return list.filter((each) => each === error).length;
}

/** LAW 2 and 3, of a list of errors that has to be `expected`. Those that the library made of a deadline are only known by their class. */
export function judgeList(
  record: Record,
  title: string,
  errors: readonly unknown[],
  expected: readonly unknown[],
  timeouts: number,
): void {
  const known = distinct(expected);
  for (const error of new Set(known)) {
    const missing = count(known, error) - count(errors, error);
    if (missing > 0) record.broken(2, `${title} does not list ${String(error)}, ${missing} of ${count(known, error)}`);
    if (missing < 0) record.broken(2, `${title} lists ${String(error)} ${-missing} times too often`);
  }
  const others = errors.filter((error) => !known.includes(error));
  const late = others.filter((error) => fields(error).name === "TimeoutError");
  for (const error of others)
    if (!late.includes(error)) record.broken(3, `${title} lists ${String(error)}, which is no failure`);
  if (late.length !== timeouts) record.broken(2, `${title} lists ${late.length} timeouts, there were ${timeouts}`);
}

/** The failure of a frame as its group has it: the function's own, or what the library made of its deadline, where that is known. */
function failureOf(frame: Frame): unknown {
  if (frame.verdict === "failure") return frame.error;
  const outcome = frame.handle?.outcome();
  return outcome?.ok === false ? outcome.error : undefined;
}

export function judgeGroup(record: Record, call: Call, spec: GroupSpec): void {
  judgeMembers(record, call);
  const { outcome } = call;
  if (outcome === undefined) return;
  const members = call.frames.filter(({ isRefused }) => !isRefused);
  const body = call.frames.find(({ kind }) => kind === "body");
  if (call.wasCancelled && call.api === "taskGroup") {
    if (body?.calls !== 0) record.broken(8, "a body was called under an aborted signal");
    if (outcome.ok || outcome.error !== call.parent.reason())
      record.broken(6, `under an aborted signal a group came to ${tell(outcome)}`);
    return;
  }
  const isUnsure = record.isUnsure(call);
  judgeHandles(record, members);
  judgeCause(record, call, spec);
  if (isUnsure) return;

  const failed = members
    .filter(({ verdict }) => verdict === "failure" || verdict === "timeout")
    .filter(({ kind, isReady, isGivenUp }) => kind !== "start" || isReady || isGivenUp)
    .toSorted((a, b) => a.order - b.order);
  const isHooked = ({ kind }: Frame): boolean =>
    spec.onTaskError !== undefined && kind !== "body" && kind !== "cleanup";
  const hooked = failed.filter(isHooked).map(failureOf);
  for (const error of new Set([...hooked, ...call.hooked]))
    if (count(call.hooked, error) !== count(hooked, error))
      record.broken(
        2,
        `onTaskError was told ${String(error)} ${count(call.hooked, error)} times, it happened ${count(hooked, error)} times`,
      );
  const own = failed.filter((frame) => !isHooked(frame));
  const given = own.filter((frame) => frame.kind !== "cleanup" || frame.verdict === "failure");
  const expected = given.map(failureOf);
  const cutShort = own.length - given.length;

  if (own.length > 0) {
    if (outcome.ok) return record.broken(5, `${own.length} failed, and the group resolved`);
    const group = outcome.error;
    if (!(group instanceof ErrorGroup))
      return record.broken(
        isReason(call, group) ? 5 : 4,
        `a group threw ${String(group)} where ${own.length} had failed`,
      );
    judgeList(record, "the ErrorGroup", group.errors, expected, cutShort);
    judgeOrder(record, group.errors, given);
    if (call.place?.kind() === "deadline" && !suppressedErrors(group).some((error) => fields(error).layer === "group"))
      record.broken(5, "a deadline that lost to a failure is not in suppressedErrors");
    return;
  }
  if (!outcome.ok && outcome.error instanceof ErrorGroup) {
    // The same object may have come from outside: a reason of a foreign signal.
    return record.broken(3, `nothing failed, and the group threw ${String(outcome.error)}`);
  }
  judgeEchoes(record, call, members, body, outcome);
}

/** LAW 5: what is thrown when nothing failed. */
function judgeEchoes(
  record: Record,
  call: Call,
  members: readonly Frame[],
  body: Frame | undefined,
  outcome: Outcome,
): void {
  const isCounted = (frame: Frame): boolean =>
    frame.kind !== "service" &&
    frame.kind !== "cleanup" &&
    (frame.verdict === "echo" ||
      frame.verdict === "late" ||
      (frame.kind === "body" && frame.verdict === "alone") ||
      (frame.calls > 0 && !frame.hasEnded));
  const hasReturned = body?.isRefused === true || body?.verdict === "ok";
  const value = body?.isRefused === true ? undefined : body?.value;
  const isValue = outcome.ok && outcome.value === value && hasReturned;
  const told = tell(outcome);
  if (call.wasCancelled) {
    // It was born cancelled.
    if (outcome.ok || (outcome.error !== call.parent.reason() && !isLeft(call.parent.cancelled())))
      record.broken(6, `under an aborted signal a group came to ${told}`);
    return;
  }
  if (!members.some(isCounted)) {
    if (!isValue) record.broken(5, `nothing rejected, and the group came to ${told}`);
    return;
  }
  const outer = call.parent.cancelled();
  if (isLeft(outer)) return;
  const isSure = record.cancelledTurn(call.parent) < call.endTurn;
  if (outer !== undefined && !outcome.ok && outcome.error === outer.scope.ownReason()) return;
  if (outer !== undefined && isSure) {
    const isLesser = !outcome.ok && isReason(call, outcome.error);
    return record.broken(isLesser ? 5 : 3, `an abort from outside cut the group short, it came to ${told}`);
  }
  const kind = call.place?.kind();
  if (kind === "deadline") {
    if (outcome.ok || fields(outcome.error).layer !== "group" || fields(outcome.error).name !== "TimeoutError")
      record.broken(5, `the deadline cut the group short, it came to ${told}`);
    return;
  }
  if (hasReturned) {
    if (!isValue) record.broken(5, `the group was cancelled by itself and its body returned, it came to ${told}`);
  } else if (outcome.ok || outcome.error !== call.place?.scope.ownReason())
    record.broken(5, `the body was cut short by the group's own cancellation, the group came to ${told}`);
}

/** What was cancelled has settled meanwhile, and has left the rest behind: nobody waits for what becomes of that. */
export function isLeft(outer: Place | undefined): boolean {
  return outer !== undefined && (outer.scope.bits & SETTLED) !== 0;
}

function isReason(call: Call, error: unknown): boolean {
  return error === call.parent.reason() || error === call.place?.own() || fields(error).name === "TimeoutError";
}

function judgeOrder(record: Record, errors: readonly unknown[], given: readonly Frame[]): void {
  let last = -1;
  for (const error of errors) {
    const turns = given.filter((frame) => failureOf(frame) === error).map(({ endTurn }) => endTurn);
    if (turns.length === 0) continue;
    const first = Math.min(...turns);
    if (first < last && turns.every((turn) => turn < last)) record.broken(2, "errors are not in the order of failure");
    last = first;
  }
}

const STATES = {
  ok: "succeeded",
  failure: "failed",
  timeout: "failed",
  alone: "cancelled",
  echo: "cancelled",
} as const;

/** What the handles say. */
function judgeHandles(record: Record, members: readonly Frame[]): void {
  for (const { handle, verdict, isUnsure, kind, id, isOk, value } of members) {
    if (handle === undefined || isUnsure || verdict === "unsettled" || verdict === "late") continue;
    const state = STATES[verdict];
    if (handle.state !== state)
      record.broken(
        verdict === "echo" || verdict === "alone" ? 3 : 2,
        `${kind} ${id} is ${handle.state}, it has ${state}`,
      );
    const outcome = handle.outcome();
    if (isOk && (outcome?.ok !== true || outcome.value !== value)) record.broken(2, `${kind} ${id} has lost its value`);
  }
}

/** LAW 7: the first cause wins. */
function judgeCause(record: Record, call: Call, spec: GroupSpec): void {
  const { place } = call;
  if (place === undefined) return;
  const ended = Math.max(
    ...call.frames.map(({ hasEnded, endTurn, kind, verdict }) =>
      hasEnded && verdict !== "late" && kind !== "cleanup" ? endTurn : 0,
    ),
  );
  const active = call.causes.filter(
    ({ kind, frame }) =>
      kind !== "sibling" || (spec.stopOnError !== false && (spec.onTaskError === undefined || frame?.kind === "body")),
  );
  const own = place.own();
  const outerTurn = record.cancelledTurn(call.parent);
  const first = Math.min(...active.map(({ turn }) => turn), outerTurn);
  const { kind, cause } = fields(own);
  // Whether that was a failure hangs on what came first in its turn.
  if (kind === "sibling" && call.frames.some(({ isUnsure, error }) => isUnsure && error === cause)) return;
  if (kind === "deadline") {
    if (call.timeout === undefined || place.seenAt !== call.startAt + call.timeout)
      record.broken(
        7,
        `the group says it reached its deadline of ${call.timeout} ms, after ${place.seenAt - call.startAt} ms`,
      );
    if (first < place.seenTurn) record.broken(7, "the deadline has replaced an earlier cause");
    return;
  }
  if (first === Infinity) {
    if (own !== undefined) record.broken(7, `the group was cancelled (${String(kind)}) by nothing`);
    if (
      call.timeout !== undefined &&
      ended > 0 &&
      call.frames.some(
        ({ endAt, endTurn, kind: each, verdict, hasEnded }) =>
          each !== "cleanup" &&
          verdict !== "late" &&
          hasEnded &&
          endTurn === ended &&
          endAt > call.startAt + (call.timeout ?? 0),
      )
    )
      record.broken(7, `the group did not reach its deadline of ${call.timeout} ms`);
    return;
  }
  const firsts = active.filter(({ turn }) => turn === first);
  if (own === undefined) {
    if (outerTurn > first)
      record.broken(
        7,
        `the group was not cancelled, although ${firsts.map((each) => each.kind).join(", ")} came first`,
      );
    return;
  }
  if (!active.some((each) => each.turn <= place.seenTurn && each.kind === kind && isCauseOf(each, own)))
    record.broken(7, `the group was cancelled by ${String(kind)}, which has not happened`);
  if (place.seenTurn > first)
    record.broken(7, `the group was cancelled by ${String(kind)}, which was not the first cause`);
}

function isCauseOf({ kind, cause }: Call["causes"][number], reason: object): boolean {
  return (
    kind === "cancel" ||
    fields(reason).cause === (cause === undefined ? undefined : cause) ||
    fields(fields(reason).cause).name === "TimeoutError"
  );
}

export function tell(outcome: Outcome): string {
  return outcome.ok ? `the value ${String(outcome.value)}` : String(outcome.error);
}

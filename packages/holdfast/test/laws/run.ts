/** One program, from its first step until nothing of it is left. */
import { onLateError } from "holdfast";
import { kidsOf, root, setClock, setProbe } from "holdfast/lowlevel";
import { runGroup } from "./groups.ts";
import { Interpreter } from "./interpreter.ts";
import { END, type Program } from "./program.ts";
import { LawError, Record, type Violation } from "./record.ts";
import { ShuffledClock } from "./shuffled-clock.ts";

/** The part of a host that tells of rejections that nobody has handled. */
interface Host {
  on(event: "unhandledRejection", listener: (reason: unknown) => void): unknown;
  off(event: "unhandledRejection", listener: (reason: unknown) => void): unknown;
}

/** Counts listeners for an abort. */
function counted(signal: AbortSignal): { readonly count: () => number } {
  const listeners = new Set<unknown>();
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  Object.defineProperties(signal, {
    addEventListener: {
      value: (type: "abort", listener: () => void) => (listeners.add(listener), add(type, listener)),
    },
    removeEventListener: {
      value: (type: "abort", listener: () => void) => (listeners.delete(listener), remove(type, listener)),
    },
  });
  return { count: () => listeners.size };
}

const REASONS = { error: () => [new LawError("abort")], none: () => [], null: () => [null], text: () => ["text"] };

/** Runs `program` and gives what it broke. */
export async function runProgram(program: Program): Promise<readonly Violation[]> {
  const before = new Set<object>(kidsOf(root()));
  const clock = new ShuffledClock(program.order);
  const record = new Record(clock);
  const clockBefore = setClock(clock);
  const { process: host } = globalThis as { process?: Host };
  const onUnhandled = (reason: unknown): void =>
    record.broken(13, `nobody was told of ${String(reason)}: unhandledRejection`);
  host?.on("unhandledRejection", onUnhandled);
  const console: object = globalThis.console;
  const error: unknown = Reflect.get(console, "error");
  const printed: unknown[] = [];
  Reflect.set(console, "error", (...args: readonly unknown[]) => void printed.push(args[0]));
  // LAW 13: one that throws keeps no other from being called.
  const throwing = onLateError(() => {
    throw new Error("a listener throws");
  });
  const listening = onLateError((late) => void record.late.push(late));
  const cancelled = new Map<object, number>();
  const probe = setProbe((event, subject) => {
    if (event === "cancel") cancelled.set(subject, (cancelled.get(subject) ?? 0) + 1);
  });
  const controllers = program.foreign.map(() => new AbortController());
  const listeners = controllers.map(({ signal }) => counted(signal));
  try {
    const timers = program.foreign.flatMap(({ at, reason }, index) => {
      const abort = (): void => controllers[index]?.abort(...REASONS[reason]());
      return [clock.setTimer(abort, at), clock.setTimer(abort, END)];
    });
    const [first, second] = controllers;
    if (first === undefined) throw new RangeError("a program has at least one signal");
    const interpreter = new Interpreter(record, (second ?? first).signal);
    const main = async (): Promise<void> => {
      const { place } = new Interpreter(record, first.signal).foreign;
      const env = {
        frame: undefined,
        place,
        context: { signal: first.signal, cancelled: false },
        groups: [],
        tasks: [],
      };
      await runGroup(interpreter, program.root, env).catch(() => {});
      // What was given up and still runs may wait for one of them.
      if (record.frames.every(({ calls, hasEnded }) => calls === 0 || hasEnded))
        for (const timer of timers) clock.clearTimer(timer);
    };
    const state = { isOver: false };
    void main().then(() => (state.isOver = true));
    try {
      await clock.drive(() => record.look());
    } catch (endless) {
      record.broken(10, String(endless));
    }
    judgeEnd(
      record,
      state.isOver,
      listeners.map(({ count }) => count()),
      cancelled,
      printed,
      before,
    );
  } finally {
    listening[Symbol.dispose]();
    throwing[Symbol.dispose]();
    Reflect.set(console, "error", error);
    setProbe(probe);
    host?.off("unhandledRejection", onUnhandled);
    setClock(clockBefore);
  }
  return record.violations;
}

function judgeEnd(
  record: Record,
  isOver: boolean,
  listeners: readonly number[],
  cancelled: ReadonlyMap<object, number>,
  printed: readonly unknown[],
  before: ReadonlySet<object>,
): void {
  if (!isOver || record.waiting > 0) record.broken(10, `${record.waiting} promises of the library never settled`);
  for (const frame of record.frames) {
    if (frame.kind === "cleanup" || frame.kind === "task" || frame.kind === "service" || frame.kind === "start") {
      if (frame.isRefused && frame.calls > 0) record.broken(9, `${frame.kind} ${frame.id} was refused, and called`);
      if (!frame.isRefused && frame.calls === 0)
        record.broken(9, `${frame.kind} ${frame.id} was taken, and never called`);
    }
  }
  for (const [index, count] of listeners.entries())
    if (count > 0) record.broken(10, `${count} listeners are left on foreign signal ${index}`);
  if (record.clock.pending > 0) record.broken(10, `${record.clock.pending} timers are left`);
  const left = kidsOf(root()).filter((link) => !before.has(link)).length;
  if (left > 0) record.broken(10, `${left} scopes are left in the tree`);
  for (const [scope, count] of cancelled)
    if (count > 1) record.broken(12, `a cancellation of ${scope.constructor.name} was spread ${count} times`);
  const own = record.late.filter(
    (error) => !record.unsure.has(error) && (!(error instanceof Error) || error instanceof LawError),
  );
  const expected = record.expectedLate.filter(
    (error) => !record.unsure.has(error) && (!(error instanceof Error) || error instanceof LawError),
  );
  for (const error of new Set([...own, ...expected])) {
    const times = own.filter((each) => each === error).length;
    const due = expected.filter((each) => each === error).length;
    if (times !== due) record.broken(2, `onLateError was told ${String(error)} ${times} times, it had to be ${due}`);
  }
  const told = printed.filter((line) => line === "holdfast: a listener of onLateError threw:").length;
  if (told !== record.late.length)
    record.broken(13, `a listener that throws was reported ${told} times for ${record.late.length} late errors`);
}

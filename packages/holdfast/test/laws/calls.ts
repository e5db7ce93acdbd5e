/** The calls of a program that are no groups, and what must have become of them. */
import {
  all,
  any,
  type Context,
  ErrorGroup,
  forEach,
  map,
  mapStream,
  race,
  settle,
  shield,
  suppressedErrors,
  timeout,
} from "holdfast";
import { asScope, type Env, type World } from "./world.ts";
import { distinct, isLeft, judgeList, judgeMembers, tell } from "./judge-group.ts";
import type { CombineStep, MapStep, Step, TimeoutStep } from "./program.ts";
import { type Call, fields, type Frame, type Place, type Record } from "./record.ts";

function envOf(frame: Frame, place: Place, context: Context, env: Env): Env {
  return { frame, place, context, groups: env.groups, tasks: [] };
}

export async function runTimeout(world: World, step: TimeoutStep, env: Env): Promise<void> {
  const { record } = world;
  const { signal, place } = world.follow(env, step.link);
  const call = record.call("timeout", place, {
    timeout: step.ms,
    ...(step.grace === undefined ? {} : { grace: step.grace }),
  });
  const frame = record.frame("entry", call, step.ms);
  const run = (context: Context): unknown =>
    world.enter(frame, step.block, () =>
      envOf(frame, (call.place = record.place(asScope(context), place)), context, env),
    );
  const options = { signal, name: `timeout ${call.id}`, ...(step.grace === undefined ? {} : { grace: step.grace }) };
  const fallback = (error: unknown): string => {
    if (fields(error).name !== "TimeoutError") record.broken(5, `fallback was given ${String(error)}`);
    return "fallback";
  };
  await world.settle(
    call,
    () => (step.hasFallback ? timeout(step.ms, run, { ...options, fallback }) : timeout(step.ms, run, options)),
    () => judgeTimeout(record, call, frame, step.hasFallback),
  );
}

function judgeTimeout(record: Record, call: Call, frame: Frame, hasFallback: boolean): void {
  judgeMembers(record, call);
  const { outcome, parent } = call;
  if (outcome === undefined || record.isUnsure(call)) return;
  const isReason = !outcome.ok && outcome.error === parent.reason();
  if (call.wasCancelled || call.timeout === 0) {
    if (frame.calls > 0) record.broken(8, "timeout() called its function, although there was no time or no need");
    if (call.wasCancelled && !isReason) record.broken(5, `under an aborted signal timeout() came to ${tell(outcome)}`);
    if (call.wasCancelled) return;
  }
  if (frame.verdict === "ok") {
    if (!outcome.ok || outcome.value !== frame.value)
      record.broken(5, `the function returned, and timeout() came to ${tell(outcome)}`);
  } else if (frame.verdict === "failure") {
    if (outcome.ok || outcome.error !== frame.error)
      record.broken(4, `the function failed with ${String(frame.error)}, and timeout() came to ${tell(outcome)}`);
  } else {
    const outer = parent.cancelled();
    if (isReason || isLeft(outer)) return;
    if (outer !== undefined && record.cancelledTurn(parent) < call.endTurn)
      return record.broken(5, `an abort from outside cut timeout() short, it came to ${tell(outcome)}`);
    const isTimeout = hasFallback
      ? outcome.ok && outcome.value === "fallback"
      : !outcome.ok && fields(outcome.error).layer === "timeout";
    if (!isTimeout) record.broken(5, `timeout() was over its time and came to ${tell(outcome)}`);
  }
}

export async function runShield(world: World, step: Extract<Step, { do: "shield" }>, env: Env): Promise<void> {
  const { record } = world;
  const { signal, place: outer } = world.follow(env, "context");
  const call = record.call("shield", outer, { grace: Infinity });
  const frame = record.frame("entry", call);
  await world.settle(
    call,
    () =>
      shield(
        async (context) => {
          const place = record.place(asScope(context), outer, true);
          const shielding = { place, outer, grace: step.grace, since: record.clock.now(), isOver: false };
          record.shielding.push(shielding);
          try {
            return await world.enter(frame, step.block, () => envOf(frame, place, context, env));
          } finally {
            shielding.isOver = true;
          }
        },
        { signal, grace: step.grace },
      ),
    () => {
      judgeMembers(record, call);
      if (frame.calls !== 1) record.broken(9, `shield() called its function ${frame.calls} times`);
      const { outcome } = call;
      if (outcome?.ok !== frame.isOk || (outcome.ok ? outcome.value !== frame.value : outcome.error !== frame.error))
        record.broken(4, "shield() came to something else than its function");
    },
  );
}

export async function runCombine(world: World, step: CombineStep, env: Env): Promise<void> {
  const { record } = world;
  const { signal, place: parent } = world.follow(env, "context");
  const { how, blocks, timeout: limit, grace } = step;
  const limits = { ...(limit === undefined ? {} : { timeout: limit }), ...(grace === undefined ? {} : { grace }) };
  const call = record.call(how, parent, limits);
  const frames = blocks.map(() => record.frame("entry", call));
  const runs = blocks.map((block, index) => (context: Context): unknown => {
    const frame = frames[index];
    if (frame === undefined) throw new RangeError("no such entry");
    return world.enter(frame, block, () => {
      const scope = asScope(context);
      // What is cancelled as a whole: the group of all(), the contest of race() and any().
      const whole = how === "settle" ? parent : (call.place = record.place(scope.parent, parent));
      return envOf(frame, record.place(scope, whole), context, env);
    });
  });
  const options = { signal, name: `${how} ${call.id}`, ...limits };
  const run = {
    all: () => all(runs, options),
    race: () => race(runs, options),
    any: () => any(runs, options),
    settle: () => settle(runs, options),
  }[how];
  await world.settle(call, run, () => judgeCombine(record, call, how));
}

/** Every other failure is beside the one that was thrown: or, if that can carry nothing, late. */
function judgeBeside(record: Record, title: string, thrown: unknown, others: readonly unknown[]): void {
  const carrier = typeof thrown === "object" && thrown !== null;
  const rest = others.filter((error) => !(carrier && error === thrown));
  if (!carrier) {
    record.expectedLate.push(...distinct(rest));
    return;
  }
  const beside = suppressedErrors(thrown);
  for (const error of new Set(rest)) {
    const times = beside.filter((each) => each === error).length;
    if (times === 0) record.broken(2, `${title} has lost ${String(error)}: it is not in suppressedErrors`);
    if (times > 1 && typeof error === "object" && error !== null)
      record.broken(2, `suppressedErrors of ${title} lists ${String(error)} ${times} times`);
  }
}

function judgeCombine(record: Record, call: Call, how: CombineStep["how"]): void {
  judgeMembers(record, call);
  const { outcome, frames, parent } = call;
  if (outcome === undefined || record.isUnsure(call)) return;
  const isReason = !outcome.ok && outcome.error === parent.reason();
  if (call.wasCancelled) {
    if (frames.some(({ calls }) => calls > 0)) record.broken(8, `${how}() called a function under an aborted signal`);
    if (!isReason) record.broken(5, `under an aborted signal ${how}() came to ${tell(outcome)}`);
    return;
  }
  if (how === "settle") return judgeSettle(record, call);
  const ended = frames
    .filter(({ verdict }) => verdict === "ok" || verdict === "failure")
    .toSorted((a, b) => a.order - b.order);
  const failures = ended.filter(({ verdict }) => verdict === "failure").map(({ error }) => error);
  if (how === "all") {
    if (failures.length > 0) return judgeFirst(record, call, "all()", ended);
    if (frames.every(({ verdict }) => verdict === "ok")) {
      if (!outcome.ok || JSON.stringify(outcome.value) !== JSON.stringify(frames.map(({ value }) => value)))
        record.broken(5, `all() came to ${tell(outcome)} where all had returned`);
      return;
    }
    return judgeCut(record, call, "all()");
  }
  const first = ended.find(({ verdict }) => verdict === "ok" || how === "race");
  // Those of the same turn: a synchronous throw is told a moment earlier than a value.
  const ties = ended.filter(({ endTurn }) => endTurn === first?.endTurn);
  const winner =
    ties.find(({ verdict, value, error }) =>
      verdict === "ok"
        ? outcome.ok && outcome.value === value
        : how === "race" && !outcome.ok && outcome.error === error,
    ) ?? first;
  for (const { error } of ties) record.unsure.add(error);
  if (winner === undefined) {
    if (how === "any" && frames.every(({ verdict }) => verdict === "failure")) {
      if (outcome.ok || !(outcome.error instanceof ErrorGroup)) {
        const aborted = parent.cancelled() ?? call.place?.cancelled();
        if (aborted === undefined) record.broken(4, `any() came to ${tell(outcome)} where all had failed`);
      } else judgeList(record, "the ErrorGroup of any()", outcome.error.errors, failures, 0);
      return;
    }
    judgeCut(record, call, `${how}()`);
    if (!outcome.ok) judgeBeside(record, `${how}()`, outcome.error, failures);
    return;
  }
  const rest = ended
    .filter(
      (frame) =>
        frame !== winner && (frame.order > winner.order || ties.includes(frame)) && frame.verdict === "failure",
    )
    .map(({ error }) => error);
  if (winner.verdict === "ok") {
    if (!outcome.ok || outcome.value !== winner.value)
      record.broken(5, `entry ${winner.id} won ${how}() and it came to ${tell(outcome)}`);
    else record.expectedLate.push(...rest);
    return;
  }
  if (outcome.ok || outcome.error !== winner.error)
    record.broken(4, `entry ${winner.id} won race() by failing and it came to ${tell(outcome)}`);
  else judgeBeside(record, "the error that won", winner.error, rest);
}

/** LAW 4: the first failure itself. */
function judgeFirst(record: Record, call: Call, title: string, ended: readonly Frame[]): void {
  const { outcome } = call;
  if (outcome === undefined) return;
  const failed = ended.filter(({ verdict }) => verdict === "failure");
  const ties = failed.filter(({ endTurn }) => endTurn === failed[0]?.endTurn);
  const winner = ties.find(({ error }) => !outcome.ok && outcome.error === error) ?? failed[0];
  const first = winner?.error;
  if (outcome.ok || outcome.error !== first) {
    const isCancellation =
      !outcome.ok && (outcome.error === call.parent.reason() || fields(outcome.error).name === "TimeoutError");
    record.broken(
      isCancellation || outcome.ok ? 5 : 4,
      `${title} came to ${tell(outcome)} where ${String(first)} was the first failure`,
    );
  } else
    judgeBeside(
      record,
      title,
      first,
      failed.filter((frame) => frame !== winner).map(({ error }) => error),
    );
}

/** Nothing failed, and something was cut short. */
function judgeCut(record: Record, call: Call, title: string): void {
  const { outcome } = call;
  if (outcome === undefined) return;
  const outer = call.parent.cancelled();
  if (isLeft(outer)) return;
  if (outer !== undefined && !outcome.ok && outcome.error === outer.scope.ownReason()) return;
  if (outer !== undefined && record.cancelledTurn(call.parent) < call.endTurn)
    return record.broken(3, `an abort from outside cut ${title} short, it came to ${tell(outcome)}`);
  if (call.timeout !== undefined && record.clock.now() >= call.startAt + call.timeout) {
    if (outcome.ok || fields(outcome.error).name !== "TimeoutError")
      record.broken(5, `${title} was over its time and came to ${tell(outcome)}`);
  } else record.broken(5, `nothing was cancelled, and ${title} came to ${tell(outcome)}`);
}

function judgeSettle(record: Record, call: Call): void {
  const { outcome, frames, parent } = call;
  if (outcome === undefined) return;
  const outer = parent.cancelled();
  const isCut = frames.some(
    ({ verdict, calls, hasEnded }) => verdict === "echo" || (outer !== undefined && (calls === 0 || !hasEnded)),
  );
  if (!outcome.ok) {
    if (outer === undefined || outcome.error !== outer.scope.ownReason())
      record.broken(3, `settle() rejected with ${String(outcome.error)}`);
    else if (!isCut && frames.every(({ verdict }) => verdict === "ok" || verdict === "failure"))
      record.broken(5, "settle() rejected although nothing was cut short");
    judgeBeside(
      record,
      "the reason of settle()",
      outcome.error,
      frames.filter(({ verdict }) => verdict === "failure").map(({ error }) => error),
    );
    return;
  }
  // Holds: settle of a list gives a list of results.
  const results = outcome.value as readonly {
    readonly ok: boolean;
    readonly value?: unknown;
    readonly error?: unknown;
  }[];
  for (const [index, { verdict, value, error, id }] of frames.entries()) {
    const result = results[index];
    if (verdict === "ok" && (result?.ok !== true || result.value !== value))
      record.broken(5, `entry ${id} returned, settle() says otherwise`);
    if (verdict === "failure" && (result?.ok !== false || result.error !== error))
      record.broken(2, `settle() has lost the error of entry ${id}`);
    if (verdict === "timeout" && (result?.ok !== false || fields(result.error).name !== "TimeoutError"))
      record.broken(5, `entry ${id} was over its time, settle() says otherwise`);
    if (verdict === "echo" && outer !== undefined && !isLeft(outer) && record.cancelledTurn(parent) < call.endTurn)
      record.broken(3, `entry ${id} was cut short from outside, and settle() resolved`);
  }
}

export async function runMap(world: World, step: MapStep, env: Env): Promise<void> {
  const { record } = world;
  const { signal, place: parent } = world.follow(env, "context");
  const { items, source, concurrency, stopOnError, timeout: limit, block } = step;
  const call = record.call("items", parent, {});
  const frames: Frame[] = [];
  const run = async (item: number, index: number, context: Context): Promise<unknown> => {
    if (index !== frames.length || item !== index)
      record.broken(9, `item ${item} came as ${index}, after ${frames.length} others`);
    const frame = record.frame("item", call, limit);
    frames.push(frame);
    // One that is over its time may have been given up.
    const now = record.clock.now();
    const running = frames.filter(
      ({ hasEnded, startAt }) => !hasEnded && !(startAt + (limit ?? Infinity) <= now),
    ).length;
    if (running > concurrency) record.broken(1, `${running} items run at the same time, ${concurrency} are allowed`);
    const scope = asScope(context);
    const lane = limit === undefined ? scope : scope.parent;
    const whole = (call.place = record.place(lane.parent, parent));
    if (whole.cancelled() !== undefined) record.broken(8, "an item was started after the cancellation");
    const laned = record.place(lane, whole);
    return await world.enter(frame, block, () =>
      envOf(frame, limit === undefined ? laned : record.place(scope, laned), context, env),
    );
  };
  const input =
    source === "array"
      ? Array.from({ length: items }, (_, index) => index)
      : source === "iterator"
        ? new Set(Array.from({ length: items }, (_, index) => index))
        : stream(world, items);
  const options = {
    signal,
    name: `map ${call.id}`,
    concurrency,
    stopOnError,
    ...(limit === undefined ? {} : { timeout: limit }),
  };
  const taken: unknown[] = [];
  const runs = {
    map: () => map(input, run, options),
    forEach: () => forEach(input, run, options),
    mapStream: async () => {
      if (step.takes === 0) return;
      for await (const value of mapStream(input, run, options)) if (taken.push(value) === step.takes) break;
    },
  };
  const isCut = { value: false };
  await world.settle(call, runs[step.how], () => {
    isCut.value = step.how === "mapStream" && taken.length === step.takes;
    judgeMap(record, call, step, taken, isCut.value);
  });
}

async function* stream(world: World, items: number): AsyncGenerator<number> {
  for (let index = 0; index < items; index++) {
    await world.work(index % 3);
    yield index;
  }
}

function judgeMap(record: Record, call: Call, step: MapStep, taken: readonly unknown[], isCut: boolean): void {
  judgeMembers(record, call);
  const { outcome, frames } = call;
  if (outcome === undefined || record.isUnsure(call)) return;
  const ended = frames.toSorted((a, b) => a.order - b.order);
  const failed = ended.filter(({ verdict }) => verdict === "failure" || verdict === "timeout" || verdict === "late");
  const timeouts = frames.filter(
    (frame) => frame.verdict === "timeout" || frame.verdict === "late" || (frame.calls > 0 && !frame.hasEnded),
  );
  if (call.wasCancelled && frames.length > 0)
    record.broken(8, `${step.how}() called its function under an aborted signal`);
  const failures = ended.filter(({ verdict }) => verdict === "failure").map(({ error }) => error);
  if (failures.length > 0 || timeouts.length > 0) {
    // Which timeout came when is not known from outside.
    if (timeouts.length > 0) {
      if (outcome.ok && !isCut && failed.some(({ verdict }) => verdict !== "late"))
        record.broken(5, `${step.how}() resolved, ${failed.length} had failed`);
      return;
    }
    if (step.stopOnError) return judgeFirst(record, call, `${step.how}()`, ended);
    if (outcome.ok || !(outcome.error instanceof ErrorGroup))
      return record.broken(4, `${step.how}() came to ${tell(outcome)} where ${failures.length} had failed`);
    return judgeList(record, `the ErrorGroup of ${step.how}()`, outcome.error.errors, failures, 0);
  }
  if (isCut) return;
  if (
    frames.length === step.items &&
    frames.every(({ verdict }) => verdict === "ok") &&
    (outcome.ok || call.parent.cancelled() === undefined)
  ) {
    const values = frames.map(({ value }) => value);
    const given =
      step.how === "map" && outcome.ok ? outcome.value : step.how === "mapStream" && step.takes > 0 ? taken : values;
    if (!outcome.ok || JSON.stringify(given) !== JSON.stringify(values))
      record.broken(5, `${step.how}() came to ${tell(outcome)} where all had returned`);
    return;
  }
  if (step.how === "mapStream" && step.takes === 0) return;
  judgeCut(record, call, `${step.how}()`);
}

/**
 * Runs a program on the library and notes what happens. What can be seen on the spot is checked here; what became of each call is checked in `judge.ts`.
 */
import {
  abortable,
  type Context,
  GroupClosedError,
  openTaskGroup,
  sleep,
  type Task,
  type TaskGroup,
  taskGroup,
} from "holdfast";
import { Scope, scopeOf } from "holdfast/lowlevel";
import { judgeGroup } from "./judge-group.ts";
import type { Block, GroupStep, Link, Reaction, StartStep, Step } from "./program.ts";
import {
  type Call,
  echoOf,
  fields,
  type Frame,
  isBare,
  LawError,
  type Outcome,
  type Place,
  type Record,
} from "./record.ts";
import { runCombine, runMap, runShield, runTimeout } from "./calls.ts";

/** What a context and a group have in common, with what only a context has. */
interface Looking {
  readonly signal: AbortSignal;
  readonly cancelled: boolean;
  readonly sleep?: Context["sleep"];
}

/** What the steps of one function act in. */
export interface Env {
  readonly frame: Frame | undefined;
  readonly place: Place;
  readonly context: Looking;
  /** The groups around it, the innermost first. */
  readonly groups: readonly Call[];
  /** The tasks that it has spawned. */
  readonly tasks: Frame[];
}

export interface Foreign {
  readonly signal: AbortSignal;
  readonly place: Place;
}

export class Interpreter {
  readonly record: Record;
  readonly foreign: Foreign;
  readonly #shared: readonly LawError[] = [new LawError("shared 0"), new LawError("shared 1")];
  #errors: number = 0;

  constructor(record: Record, signal: AbortSignal) {
    this.record = record;
    this.foreign = { signal, place: record.place(scopeOf(signal), undefined) };
  }

  fresh(what: string, cause?: unknown): LawError {
    const message = `${what} ${++this.#errors}`;
    return cause === undefined ? new LawError(message) : new LawError(message, { cause });
  }

  /** The signal of where a step is, which thereby has been looked at. */
  signal(env: Env): AbortSignal {
    if (env.frame !== undefined) {
      env.frame.lookedAt = Math.min(env.frame.lookedAt, this.record.clock.now());
      env.frame.tookSignal = true;
    }
    const { signal } = env.context;
    const reason = env.place.reason();
    if (signal.aborted !== (reason !== undefined) || (reason !== undefined && signal.reason !== reason))
      this.record.broken(
        env.place.isShielded || hasShield(env.place) ? 11 : 6,
        `the signal of "${env.place.scope.name}" is ${signal.aborted ? "aborted" : "alive"}, its scopes are not so, or for another reason`,
      );
    return signal;
  }

  follow(env: Env, link: Link): Foreign {
    return link === "foreign" ? this.foreign : { signal: this.signal(env), place: env.place };
  }

  /** Calls of a function of the program, by the library. `make` is given the scopes. */
  enter(frame: Frame, block: Block, makeEnv: () => Env, then?: () => Block): unknown {
    const { record } = this;
    const env = makeEnv();
    frame.place = env.place;
    record.started(frame);
    frame.isGivenUp = frame.kind === "start" && !frame.wasCancelled && env.place.cancelled() !== undefined;
    const [first] = block.steps;
    if (!block.isSync || then !== undefined || (first !== undefined && first.do !== "throw"))
      return this.#enterAsync(frame, block, env, then);
    try {
      if (first?.do === "throw") this.#throw(first.fault);
      return this.#returned(frame);
    } catch (error) {
      this.#threw(frame, error);
      throw error;
    }
  }

  async #enterAsync(frame: Frame, block: Block, env: Env, then: (() => Block) | undefined): Promise<unknown> {
    try {
      await this.steps(block, env);
      if (then !== undefined) await this.steps(then(), env);
    } catch (error) {
      this.#threw(frame, error);
      throw error;
    }
    return this.#returned(frame);
  }

  #returned(frame: Frame): unknown {
    this.record.ended(frame);
    frame.isOk = true;
    frame.value = `value ${frame.id}`;
    frame.verdict = this.#isLate(frame) ? "late" : "ok";
    return frame.value;
  }

  #threw(frame: Frame, error: unknown): void {
    this.record.ended(frame);
    frame.error = error;
    const { place } = frame;
    if (place === undefined) return;
    const echo =
      echoOf(error, place) ??
      (frame.kind === "service" && place.parent !== undefined ? echoOf(error, place.parent, false) : undefined);
    const { turns } = this.record.clock;
    // As an older library would throw it, who can have it only from the signal.
    if (isBare(error) && (!frame.tookSignal || frame.kind === "service")) frame.isUnsure = true;
    // Cancelled by whom it waited for, with the very reason of what is around it: which of the two came first, nobody can see.
    if (frame.kind === "start" && place.scope.ownReason() !== place.own()) frame.isUnsure = true;
    // What is decided a moment later may see a cancellation that this does not.
    for (const above of place.visible())
      if (above.seenTurn === Infinity && above.scope.ownReason() !== undefined) frame.isUnsure ||= isBare(error);
    const isLate = this.#isLate(frame);
    if (frame.isUnsure) this.record.unsure.add(error);
    if (isLate) {
      frame.verdict = "late";
      // A service has no group any more whose abort it could report.
      if (echo === undefined || (frame.kind === "service" && echoOf(error, place) === undefined))
        this.record.expectedLate.push(error);
      return;
    }
    if (echo === undefined) frame.verdict = "failure";
    else if (echo !== place || frame.kind === "body") frame.verdict = "echo";
    else if (place.kind() !== "deadline" || frame.kind === "start")
      frame.verdict = frame.kind === "service" ? "echo" : "alone";
    else {
      const above = place.isShielded ? undefined : place.parent?.cancelled();
      frame.verdict = above === undefined ? "timeout" : "echo";
      if (above !== undefined && this.record.cancelledTurn(place.parent) >= turns) frame.isUnsure = true;
    }
    if (frame.kind === "task" || frame.kind === "service" || frame.kind === "start" || frame.kind === "body")
      if (frame.verdict === "failure" || frame.verdict === "timeout") this.#mayStop(frame, error);
  }

  /** A failure has to cancel its group. */
  #mayStop(frame: Frame, error: unknown): void {
    if (frame.kind === "start" && !frame.isReady && !frame.isGivenUp) return;
    frame.call.causes.push({ kind: "sibling", turn: this.record.clock.turns, cause: error, frame });
  }

  /** Whether its owner has given it up before. */
  #isLate(frame: Frame): boolean {
    const { call, handle, place } = frame;
    // Without a handle it has ended before spawn() returned.
    if (frame.kind === "task" || frame.kind === "service") return handle?.state === "abandoned";
    if (call.outcome !== undefined) return true;
    if (frame.kind === "cleanup" || place === undefined) return false;
    const now = this.record.clock.now();
    const from = this.#stopsAt(frame);
    const mayGiveUp = call.grace !== undefined || GIVING_UP.has(call.api);
    if (from === Infinity || !mayGiveUp || call.grace === Infinity) return false;
    // Either the grace is known, or it is one of two, by whether the work has looked at its signal.
    const graces = call.grace === undefined ? [0, 1000] : [call.grace];
    if (graces.some((grace) => now === from + grace)) frame.isUnsure = true;
    const grace = call.grace ?? (frame.lookedAt < from ? 1000 : 0);
    if (call.grace === undefined && frame.lookedAt === from) frame.isUnsure = true;
    // The grace of one that waited for a place counts anew.
    if (frame.kind === "start" && now >= from + grace) frame.isUnsure = true;
    return now > from + grace;
  }

  /** From when on the grace of a frame counts. */
  #stopsAt({ kind, call, place, startAt, limit }: Frame): number {
    if (kind === "body" && call.grace === undefined) return Infinity;
    if (call.api === "timeout" || kind === "item") return startAt + (limit ?? Infinity);
    return this.record.cancelledAt(place);
  }

  async steps(block: Block, env: Env): Promise<void> {
    for (const step of block.steps) {
      await this.#step(step, env);
      this.#lookAround(env);
    }
  }

  /** What is inside has neither hidden nor fired what is outside. */
  #lookAround(env: Env): void {
    if (env.frame === undefined || env.frame.lookedAt === Infinity) return;
    this.signal(env);
    if (env.context.cancelled !== (env.place.cancelled() !== undefined))
      this.record.broken(
        6,
        `"${env.place.scope.name}" says cancelled: ${String(env.context.cancelled)}, its scopes do not`,
      );
  }

  async #step(step: Step, env: Env): Promise<void> {
    switch (step.do) {
      case "sleep":
        return await this.#sleep(step.ms, env);
      case "work":
        return await this.work(step.ms);
      case "hops":
        for (let count = 0; count < step.count; count++) await undefined;
        return;
      case "hang":
        return await this.#hang(step.how, env);
      case "abortable":
        return await this.#abortable(step, env);
      case "throw":
        return this.#throw(step.fault);
      case "guard":
        return await this.#guard(step.block, step.reaction, env);
      case "spawn":
        return this.#spawn(step, env);
      case "service":
        return this.#service(step, env);
      case "start":
        return await this.#start(step, env);
      case "defer":
        return this.#defer(step, env);
      case "cancel":
        return this.#cancel(at(env.groups, step.into), env);
      case "cancel-task":
        return this.#cancelTask(step.which, env);
      case "join":
        return await this.#join(step, env);
      case "group":
        return await this.group(step, env);
      case "timeout":
        return await runTimeout(this, step, env);
      case "shield":
        return await runShield(this, step, env);
      case "combine":
        return await runCombine(this, step, env);
      case "map":
        return await runMap(this, step, env);
    }
  }

  #throw(fault: { readonly kind: string; readonly index?: number; readonly value?: unknown }): void {
    if (fault.kind === "fresh") throw this.fresh("error");
    if (fault.kind === "shared") throw this.#shared[fault.index ?? 0];
    throw fault.value;
  }

  /** Time that no signal ends. */
  work(ms: number): Promise<void> {
    return new Promise((resolve) => this.record.clock.setTimer(resolve, ms));
  }

  /** A promise of the library's, which must settle. */
  async wait<T>(promise: PromiseLike<T>): Promise<T> {
    this.record.waiting++;
    try {
      return await promise;
    } finally {
      this.record.waiting--;
    }
  }

  /** LAW 8: by a cancellation at once and without a timer, or after its time. */
  async #sleep(ms: number, env: Env): Promise<void> {
    const { record } = this;
    const { clock } = record;
    const before = env.place.reason();
    const { made, turns } = clock;
    const from = clock.now();
    if (env.frame !== undefined) env.frame.lookedAt = Math.min(env.frame.lookedAt, from);
    const { context } = env;
    const sleeping = context.sleep?.(ms) ?? sleep(ms, { signal: this.signal(env) });
    if (before !== undefined && clock.made !== made) record.broken(8, "a sleep that was cancelled has made a timer");
    try {
      await this.wait(sleeping);
    } catch (error) {
      const reason = env.place.reason();
      if (reason === undefined) record.broken(8, "a sleep rejected although nothing is cancelled");
      else if (error !== reason) record.broken(7, "a sleep rejected with another reason than that of its signal");
      if (clock.now() > from + ms) record.broken(8, `a sleep of ${ms} ms rejected after ${clock.now() - from} ms`);
      if (before !== undefined && clock.turns !== turns) record.broken(8, "a sleep under an aborted signal has waited");
      if (before === undefined && record.cancelledAt(env.place) < clock.now())
        record.broken(8, "a sleep rejected later than it was cancelled");
      throw error;
    }
    if (before !== undefined) record.broken(8, "a sleep under an aborted signal resolved");
    if (clock.now() !== from + ms) record.broken(8, `a sleep of ${ms} ms took ${clock.now() - from} ms`);
    if (record.cancelledTurn(env.place) < clock.turns)
      record.broken(8, "a sleep resolved although it was cancelled before");
  }

  async #hang(how: "sleep" | "listen" | "abortable", env: Env): Promise<void> {
    if (how === "sleep") return await this.#sleep(100_000, env);
    const signal = this.signal(env);
    if (how === "abortable") return await this.wait(abortable(new Promise<void>(() => {}), { signal }));
    const listening = { place: env.place, calls: 0, isOver: signal.aborted };
    this.record.listening.push(listening);
    try {
      await new Promise<never>((_, reject) => {
        const onAbort = (): void => {
          listening.calls++;
          reject(signal.reason as Error);
        };
        if (signal.aborted) reject(signal.reason as Error);
        else signal.addEventListener("abort", onAbort);
      });
    } finally {
      this.record.look();
      listening.isOver = true;
    }
  }

  /** LAW 8: the outcome of the work arrives exactly once, here or late. */
  async #abortable(step: Extract<Step, { do: "abortable" }>, env: Env): Promise<void> {
    const { record } = this;
    const signal = this.signal(env);
    const error = this.fresh("late");
    let arrivals = 0;
    const arrive = (): void => {
      arrivals++;
      if (!step.hookThrows) return;
      const thrown = this.fresh("hook");
      record.expectedLate.push(thrown);
      throw thrown;
    };
    const work = this.work(step.ms).then(() => {
      if (step.fails) throw error;
      return undefined;
    });
    // Whoever is told of the outcome has been when its turn is over.
    const check = async (): Promise<void> => {
      await this.work(0);
      if (arrivals !== 1) record.broken(8, `the outcome of work behind abortable() arrived ${arrivals} times`);
    };
    work.then(check, check).catch(() => {});
    try {
      await this.wait(abortable(work, { signal, onLate: arrive, onLateError: arrive }));
      arrivals++;
    } catch (caught) {
      if (caught === error) arrivals++;
      else if (caught !== env.place.reason())
        record.broken(8, "abortable() rejected with neither the error nor the reason");
      throw caught;
    }
  }

  async #guard(block: Block, reaction: Reaction, env: Env): Promise<void> {
    try {
      await this.steps(block, env);
    } catch (error) {
      switch (reaction) {
        case "swallow":
          return;
        case "convert":
          throw this.fresh("converted", error);
        case "abort-error":
          throw abortError(error);
        case "bare-abort-error":
          this.signal(env);
          throw abortError();
        case "aggregate":
          throw new AggregateError([error]);
        case "mixed-aggregate":
          throw new AggregateError([error, this.fresh("beside")]);
        case "linger":
          await this.work(3);
          throw error;
        case "spawn":
          this.#spawn(
            { do: "spawn", into: 0, block: { steps: [{ do: "sleep", ms: 1 }], isSync: false }, immediate: false },
            env,
          );
          throw error;
        case "rethrow":
          throw error;
      }
    }
  }

  #spawn({ into, block, timeout, immediate }: Extract<Step, { do: "spawn" }>, env: Env): void {
    const call = at(env.groups, into);
    if (call?.group === undefined) return;
    const frame = this.record.frame("task", call, timeout);
    const { group } = call;
    this.#give(frame, () => {
      frame.handle = group.spawn(
        (context) => this.enter(frame, block, () => this.#taskEnv(frame, context, env.groups, into)),
        {
          name: `task ${frame.id}`,
          ...(timeout === undefined ? {} : { timeout }),
          immediate,
        },
      );
      env.tasks.push(frame);
    });
  }

  #service({ into, block }: Extract<Step, { do: "service" }>, env: Env): void {
    const call = at(env.groups, into);
    if (call?.group === undefined) return;
    const frame = this.record.frame("service", call);
    const { group } = call;
    this.#give(frame, () => {
      frame.handle = group.spawnService(
        (context) => this.enter(frame, block, () => this.#taskEnv(frame, context, env.groups, into, true)),
        {
          name: `service ${frame.id}`,
        },
      );
    });
  }

  /** LAW 9: refused is only what comes after the close, and that is never called. */
  #give(frame: Frame, give: () => void): void {
    const { call } = frame;
    try {
      give();
      if (call.isClosing) this.record.broken(9, `${frame.kind} ${frame.id} was taken after the first cleanup`);
    } catch (error) {
      frame.isRefused = true;
      if (!(error instanceof GroupClosedError) || !isOver(call))
        this.record.broken(9, `${frame.kind} ${frame.id} was refused by ${String(error)}`);
    }
  }

  #taskEnv(frame: Frame, context: Context, groups: readonly Call[], into: number, isService = false): Env {
    const index = into % Math.max(groups.length, 1);
    const place = this.record.place(asScope(context), groups[index]?.place, isService);
    return { frame, place, context, groups: groups.slice(index), tasks: [] };
  }

  async #start(step: StartStep, env: Env): Promise<void> {
    const call = at(env.groups, step.into);
    if (call?.group === undefined) return;
    const { record } = this;
    const frame = record.frame("start", call);
    // Holding a place and waiting for one, without a signal: that may be for ever.
    const isLinked = step.isLinked || !(env.frame?.kind === "body" && env.frame.call === call);
    const before = isLinked ? env.place.reason() : undefined;
    const wasClosing = call.isClosing;
    const promise = call.group.start<string>(
      (context) =>
        this.enter(
          frame,
          step.before,
          () => this.#taskEnv(frame, context, env.groups, step.into),
          () => {
            if (!step.isReady) return { steps: [], isSync: false };
            // After a start that was given up it comes too late.
            frame.isReady = frame.place?.cancelled() === undefined;
            context.ready("ready");
            return step.after;
          },
        ),
      { name: `start ${frame.id}`, ...(isLinked ? { signal: this.signal(env) } : {}) },
    );
    try {
      const value = await this.wait(promise);
      if (value !== "ready" || !frame.isReady) record.broken(8, "start() resolved although its task was not ready");
    } catch (error) {
      if (before !== undefined) {
        frame.isRefused = true;
        if (error !== before && !(error instanceof GroupClosedError))
          record.broken(8, "start() under an aborted signal rejected with something else");
      } else if (error instanceof GroupClosedError) {
        frame.isRefused = true;
        if (!wasClosing && !isOver(call)) record.broken(9, "start() was refused by an open group");
      } else if (frame.verdict === "failure" && !frame.isUnsure && !frame.isGivenUp) {
        if (error !== frame.error) record.broken(2, "start() rejected with another error than its task");
      } else if (frame.hasEnded && frame.isOk && !frame.isReady) {
        if (fields(error).code !== "ERR_NOT_READY" && error !== frame.place?.reason())
          record.broken(2, `start() of a task that was never ready rejected with ${String(error)}`);
      }
      throw error;
    }
  }

  #defer({ into, block, isResource }: Extract<Step, { do: "defer" }>, env: Env): void {
    const call = at(env.groups, into);
    if (call?.group === undefined) return;
    const { record } = this;
    const frame = record.frame("cleanup", call);
    const { group } = call;
    const steps: Block = isResource
      ? {
          steps: block.steps.filter((step) => step.do === "work" || step.do === "throw" || step.do === "hops"),
          isSync: block.isSync,
        }
      : block;
    try {
      if (isResource) {
        const parent = record.place(asScope(group), undefined);
        group.use({
          [Symbol.asyncDispose]: async () =>
            void (await this.#cleanUp(frame, steps, () => ({
              frame,
              place: parent,
              context: group,
              groups: [call],
              tasks: [],
            }))),
        });
      } else
        group.defer(async (context) => {
          const place = record.place(asScope(context), undefined, true);
          const shielding = {
            place,
            outer: undefined,
            grace: call.cleanupGrace,
            since: record.clock.now(),
            isOver: false,
          };
          record.shielding.push(shielding);
          try {
            await this.#cleanUp(frame, steps, () => ({ frame, place, context, groups: [call], tasks: [] }));
          } finally {
            shielding.isOver = true;
          }
        });
    } catch (error) {
      frame.isRefused = true;
      if (!(error instanceof GroupClosedError) || !isOver(call))
        record.broken(9, `a cleanup was refused by ${String(error)}`);
    }
  }

  #cleanUp(frame: Frame, block: Block, makeEnv: () => Env): unknown {
    const { call } = frame;
    call.isClosing = true;
    const running = call.frames.filter(
      ({ kind, calls, hasEnded, handle }) =>
        kind !== "cleanup" && calls > 0 && !hasEnded && handle?.state !== "abandoned",
    );
    // Of these two nobody can see whether they were given up.
    const isHidden = ({ kind, place }: Frame): boolean =>
      (kind === "body" || kind === "start") &&
      this.record.clock.now() >= this.record.cancelledAt(place) + (call.grace ?? Infinity);
    if (!running.every(isHidden))
      this.record.broken(
        1,
        `a cleanup was called while ${running.map(({ kind, id }) => `${kind} ${id}`).join(", ")} still ran`,
      );
    const other = call.frames.find((each) => each.kind === "cleanup" && each.calls > 0 && !each.hasEnded);
    if (other !== undefined) this.record.broken(1, "two cleanups ran at the same time");
    return this.enter(frame, block, makeEnv);
  }

  /** LAW 14. */
  #cancel(call: Call | undefined, env: Env): void {
    const group = call?.group;
    if (call === undefined || group === undefined) return;
    const { record } = this;
    const before = call.place?.reason();
    const own = call.place?.scope.ownReason();
    const cause = this.fresh("cause");
    let returned: unknown;
    try {
      returned = Reflect.apply(group.cancel, undefined, [cause]);
      group.cancel("again");
    } catch (error) {
      record.broken(14, `cancel() threw ${String(error)}`);
    }
    if (returned !== undefined) record.broken(14, "cancel() has returned something");
    if (call.outcome !== undefined) {
      if (call.place?.scope.ownReason() !== own) record.broken(14, "cancel() has changed a group that has settled");
      return;
    }
    const reason = call.place?.reason();
    if (reason === undefined) {
      if (!isOver(call)) record.broken(14, "cancel() has returned and the group is not cancelled");
      return;
    }
    if (before !== undefined) {
      if (reason !== before) record.broken(7, "cancel() has replaced an earlier reason");
      return;
    }
    if (fields(reason).cause !== cause || fields(reason).kind !== "cancel")
      record.broken(7, "the reason is not that of the first cancel()");
    call.causes.push({ kind: "cancel", turn: record.clock.turns, cause });
    for (const { place, calls, isOver } of record.listening)
      if (!isOver && calls !== 1 && place.cancelled() !== undefined)
        record.broken(12, `cancel() has returned, a listener below was called ${calls} times`);
    void env;
  }

  #cancelTask(which: number, env: Env): void {
    const frame = at(env.tasks, which);
    const handle = frame?.handle;
    if (handle === undefined) return;
    const outcome = handle.outcome();
    try {
      handle.cancel();
      handle.cancel("again");
    } catch (error) {
      this.record.broken(14, `cancel() of a task threw ${String(error)}`);
    }
    if (handle.outcome()?.ok !== outcome?.ok) this.record.broken(14, "cancel() has changed a task that has settled");
    if (outcome === undefined && frame?.place !== undefined && frame.place.cancelled() === undefined)
      this.record.broken(14, "cancel() has returned and the task is not cancelled");
  }

  async #join({ which, how, isLinked }: Extract<Step, { do: "join" }>, env: Env): Promise<void> {
    const frame = at(env.tasks, which);
    const handle: Task<unknown> | undefined = frame?.handle;
    if (frame === undefined || handle === undefined) return;
    const mayWait = env.frame?.kind === "body" && env.frame.call === frame.call && !isLinked;
    if (how === "forget") {
      void handle.join();
      return;
    }
    const options = mayWait ? undefined : { signal: this.signal(env) };
    if (how === "settled") {
      const result = await this.wait(handle.settled(options));
      if (result.ok !== handle.outcome()?.ok) this.record.broken(2, "settled() says something else than outcome()");
      return;
    }
    try {
      const value = await this.wait(handle.join(options));
      if (!frame.isOk || value !== frame.value)
        this.record.broken(2, "join() resolved with another value than the task's");
    } catch (error) {
      if (
        frame.verdict === "failure" &&
        !frame.isUnsure &&
        handle.outcome() !== undefined &&
        error !== frame.error &&
        error !== env.place.reason()
      )
        this.record.broken(2, "join() rejected with another error than the task's");
      throw error;
    }
  }

  async group(step: GroupStep, env: Env): Promise<void> {
    const { record } = this;
    const { signal, place } = this.follow(env, step.link);
    const { onTaskError, ...limits } = step.options;
    const call = record.call(step.isOpen ? "openTaskGroup" : "taskGroup", place, limits);
    const options = {
      ...limits,
      name: `group ${call.id}`,
      signal,
      ...(onTaskError === undefined
        ? {}
        : {
            onTaskError: (error: unknown): void => {
              call.hooked.push(error);
              if (onTaskError !== "throw") return;
              const thrown = this.fresh("hook");
              record.expectedLate.push(thrown);
              throw thrown;
            },
          }),
    };
    const frame = record.frame("body", call);
    const within = (group: TaskGroup): Env => {
      call.group = group;
      call.place = record.place(asScope(group), place);
      return { frame, place: call.place, context: group, groups: [call, ...env.groups], tasks: [] };
    };
    await this.settle(
      call,
      () =>
        step.isOpen
          ? this.#openGroup(options, frame, step, within)
          : taskGroup((group) => this.enter(frame, step.body, () => within(group)), options),
      () => judgeGroup(record, call, step.options),
    );
  }

  async #openGroup(
    options: object,
    frame: Frame,
    step: GroupStep,
    within: (group: TaskGroup) => Env,
  ): Promise<unknown> {
    const group = openTaskGroup(options);
    // Not the library calls this one.
    frame.isRefused = true;
    let failure: Outcome | undefined;
    try {
      const env = within(group);
      await this.steps(step.body, { ...env, frame: undefined });
    } catch (error) {
      failure = { ok: false, error };
    }
    if (failure !== undefined) {
      if (group.cancelled === false)
        frame.call.causes.push({ kind: "cancel", turn: this.record.clock.turns, cause: undefined });
      await this.wait(group[Symbol.asyncDispose]());
    } else await this.wait(group.close());
    return undefined;
  }

  /** Waits for a call, notes what became of it, and has it judged. */
  async settle(call: Call, run: () => PromiseLike<unknown>, judge: () => void): Promise<unknown> {
    let outcome: Outcome;
    try {
      outcome = { ok: true, value: await this.wait(run()) };
    } catch (error) {
      outcome = { ok: false, error };
    }
    call.outcome = outcome;
    call.endAt = this.record.clock.now();
    call.endTurn = this.record.clock.turns;
    this.record.look();
    judge();
    if (!outcome.ok) throw outcome.error;
    return outcome.value;
  }
}

/** What has a grace by default. */
const GIVING_UP: ReadonlySet<string> = new Set(["timeout", "race", "any", "items"]);

/** Whether a group may have closed: nobody who was not given up is in it. */
function isOver(call: Call): boolean {
  if (call.isClosing || call.outcome !== undefined) return true;
  return call.frames.every(
    ({ kind, hasEnded, isRefused, handle }) =>
      hasEnded ||
      isRefused ||
      kind === "cleanup" ||
      handle?.state === "abandoned" ||
      ((kind === "body" || kind === "start") && call.grace !== undefined),
  );
}

function at<T>(list: readonly T[], index: number): T | undefined {
  return list.length === 0 ? undefined : list[index % list.length];
}

function hasShield(place: Place): boolean {
  return [...place.visible()].some(({ isShielded }) => isShielded);
}

function abortError(cause?: unknown): Error {
  const error = cause === undefined ? new Error("aborted") : new Error("aborted", { cause });
  error.name = "AbortError";
  return error;
}

/** What the library gives to functions are its scopes. */
export function asScope(context: object): Scope {
  if (context instanceof Scope) return context;
  throw new TypeError("a context is no scope");
}

/** Steps that give a group something, or take it away. */
import { type Context, GroupClosedError, type Task } from "holdfast";
import type { Block, StartStep, Step } from "./program.ts";
import { type Call, fields, type Frame } from "./record.ts";
import { asScope, at, type Env, mayHaveClosed, type World } from "./world.ts";

export function spawn(
  world: World,
  { into, block, timeout, immediate }: Extract<Step, { do: "spawn" }>,
  env: Env,
): void {
  const call = at(env.groups, into);
  if (call?.group === undefined) return;
  const frame = world.record.frame("task", call, timeout);
  const { group } = call;
  give(world, frame, () => {
    frame.handle = group.spawn(
      (context) => world.enter(frame, block, () => taskEnv(world, frame, context, env.groups, into)),
      {
        name: `task ${frame.id}`,
        ...(timeout === undefined ? {} : { timeout }),
        immediate,
      },
    );
    env.tasks.push(frame);
  });
}

export function spawnService(world: World, { into, block }: Extract<Step, { do: "service" }>, env: Env): void {
  const call = at(env.groups, into);
  if (call?.group === undefined) return;
  const frame = world.record.frame("service", call);
  const { group } = call;
  give(world, frame, () => {
    frame.handle = group.spawnService(
      (context) => world.enter(frame, block, () => taskEnv(world, frame, context, env.groups, into, true)),
      {
        name: `service ${frame.id}`,
      },
    );
  });
}

/** LAW 9: refused is only what comes after the close, and that is never called. */
function give(world: World, frame: Frame, spawnIt: () => void): void {
  const { call } = frame;
  try {
    spawnIt();
    if (call.isClosing) world.record.broken(9, `${frame.kind} ${frame.id} was taken after the first cleanup`);
  } catch (error) {
    frame.isRefused = true;
    if (!(error instanceof GroupClosedError) || !mayHaveClosed(call))
      world.record.broken(9, `${frame.kind} ${frame.id} was refused by ${String(error)}`);
  }
}

function taskEnv(
  world: World,
  frame: Frame,
  context: Context,
  groups: readonly Call[],
  into: number,
  isService = false,
): Env {
  const index = into % Math.max(groups.length, 1);
  const place = world.record.place(asScope(context), groups[index]?.place, isService);
  return { frame, place, context, groups: groups.slice(index), tasks: [] };
}

export async function start(world: World, step: StartStep, env: Env): Promise<void> {
  const call = at(env.groups, step.into);
  if (call?.group === undefined) return;
  const { record } = world;
  const frame = record.frame("start", call);
  // Holding a place and waiting for one, without a signal: that may be for ever.
  const isLinked = step.isLinked || !(env.frame?.kind === "body" && env.frame.call === call);
  const before = isLinked ? env.place.reason() : undefined;
  const wasClosing = call.isClosing;
  const promise = call.group.start<string>(
    (context) =>
      world.enter(
        frame,
        step.before,
        () => taskEnv(world, frame, context, env.groups, step.into),
        () => {
          if (!step.isReady) return { steps: [], isSync: false };
          // After a start that was given up it comes too late.
          frame.isReady = frame.place?.cancelled() === undefined;
          context.ready("ready");
          return step.after;
        },
      ),
    { name: `start ${frame.id}`, ...(isLinked ? { signal: world.signal(env) } : {}) },
  );
  try {
    const value = await world.wait(promise);
    if (value !== "ready" || !frame.isReady) record.broken(8, "start() resolved although its task was not ready");
  } catch (error) {
    if (before !== undefined) {
      frame.isRefused = true;
      if (error !== before && !(error instanceof GroupClosedError))
        record.broken(8, "start() under an aborted signal rejected with something else");
    } else if (error instanceof GroupClosedError && error !== frame.error) {
      // Not the refusal that the task itself met, at another group.
      frame.isRefused = true;
      if (!wasClosing && !mayHaveClosed(call)) record.broken(9, "start() was refused by an open group");
    } else if (frame.verdict === "failure" && !frame.isUnsure && !frame.isGivenUp) {
      if (error !== frame.error) record.broken(2, "start() rejected with another error than its task");
    } else if (frame.hasEnded && frame.isOk && !frame.isReady) {
      // Who was told to stop did so while the task waited for its place: by its own abort, which the task has not seen.
      const reasons = [frame.place?.reason(), isLinked ? env.place.reason() : undefined];
      if (fields(error).code !== "ERR_NOT_READY" && reasons.every((reason) => reason !== error))
        record.broken(2, `start() of a task that was never ready rejected with ${String(error)}`);
    }
    throw error;
  }
}

export function defer(world: World, { into, block, isResource }: Extract<Step, { do: "defer" }>, env: Env): void {
  const call = at(env.groups, into);
  if (call?.group === undefined) return;
  const { record } = world;
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
          void (await cleanUp(world, frame, steps, () => ({
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
          await cleanUp(world, frame, steps, () => ({ frame, place, context, groups: [call], tasks: [] }));
        } finally {
          shielding.isOver = true;
        }
      });
  } catch (error) {
    frame.isRefused = true;
    if (!(error instanceof GroupClosedError) || !mayHaveClosed(call))
      record.broken(9, `a cleanup was refused by ${String(error)}`);
  }
}

function cleanUp(world: World, frame: Frame, block: Block, makeEnv: () => Env): unknown {
  const { call } = frame;
  call.isClosing = true;
  const running = call.frames.filter(
    ({ kind, calls, hasEnded, handle }) =>
      kind !== "cleanup" && calls > 0 && !hasEnded && handle?.state !== "abandoned",
  );
  // Of these two nobody can see whether they were given up.
  const isHidden = ({ kind, place }: Frame): boolean =>
    (kind === "body" || kind === "start") &&
    world.record.clock.now() >= world.record.cancelledAt(place) + (call.grace ?? Infinity);
  if (!running.every(isHidden))
    world.record.broken(
      1,
      `a cleanup was called while ${running.map(({ kind, id }) => `${kind} ${id}`).join(", ")} still ran`,
    );
  const other = call.frames.find((each) => each.kind === "cleanup" && each.calls > 0 && !each.hasEnded);
  if (other !== undefined) world.record.broken(1, "two cleanups ran at the same time");
  return world.enter(frame, block, makeEnv);
}

/** LAW 14. */
export function cancelGroup(world: World, call: Call | undefined, env: Env): void {
  const group = call?.group;
  if (call === undefined || group === undefined) return;
  const { record } = world;
  const before = call.place?.reason();
  const own = call.place?.scope.ownReason();
  const cause = world.fresh("cause");
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
    if (!mayHaveClosed(call)) record.broken(14, "cancel() has returned and the group is not cancelled");
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

export function cancelTask(world: World, which: number, env: Env): void {
  const frame = at(env.tasks, which);
  const handle = frame?.handle;
  if (handle === undefined) return;
  const outcome = handle.outcome();
  try {
    handle.cancel();
    handle.cancel("again");
  } catch (error) {
    world.record.broken(14, `cancel() of a task threw ${String(error)}`);
  }
  if (handle.outcome()?.ok !== outcome?.ok) world.record.broken(14, "cancel() has changed a task that has settled");
  if (outcome === undefined && frame?.place !== undefined && frame.place.cancelled() === undefined)
    world.record.broken(14, "cancel() has returned and the task is not cancelled");
}

export async function join(
  world: World,
  { which, how, isLinked }: Extract<Step, { do: "join" }>,
  env: Env,
): Promise<void> {
  const frame = at(env.tasks, which);
  const handle: Task<unknown> | undefined = frame?.handle;
  if (frame === undefined || handle === undefined) return;
  const mayWait = env.frame?.kind === "body" && env.frame.call === frame.call && !isLinked;
  if (how === "forget") {
    void handle.join();
    return;
  }
  const options = mayWait ? undefined : { signal: world.signal(env) };
  if (how === "settled") {
    const result = await world.wait(handle.settled(options));
    if (result.ok !== handle.outcome()?.ok) world.record.broken(2, "settled() says something else than outcome()");
    return;
  }
  try {
    const value = await world.wait(handle.join(options));
    if (!frame.isOk || value !== frame.value)
      world.record.broken(2, "join() resolved with another value than the task's");
  } catch (error) {
    if (
      frame.verdict === "failure" &&
      !frame.isUnsure &&
      handle.outcome() !== undefined &&
      error !== frame.error &&
      error !== env.place.reason() &&
      fields(error).code !== "ERR_JOIN_DEADLOCK"
    )
      world.record.broken(2, "join() rejected with another error than the task's");
    throw error;
  }
}

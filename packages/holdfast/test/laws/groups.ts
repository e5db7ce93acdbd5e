/** Groups of a program. */
import { openTaskGroup, type TaskGroup, taskGroup } from "holdfast";
import { judgeGroup } from "./judge-group.ts";
import type { GroupStep } from "./program.ts";
import type { Frame, Outcome } from "./record.ts";
import { asScope, type Env, type World } from "./world.ts";

export async function runGroup(world: World, step: GroupStep, env: Env): Promise<void> {
  const { record } = world;
  const { signal, place } = world.follow(env, step.link);
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
            const thrown = world.fresh("hook");
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
  await world.settle(
    call,
    () =>
      step.isOpen
        ? openGroup(world, options, frame, step, within)
        : taskGroup((group) => world.enter(frame, step.body, () => within(group)), options),
    () => judgeGroup(record, call, step.options),
  );
}

async function openGroup(
  world: World,
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
    await world.steps(step.body, { ...env, frame: undefined });
  } catch (error) {
    failure = { ok: false, error };
  }
  if (failure !== undefined) {
    if (!group.cancelled) frame.call.causes.push({ kind: "cancel", turn: world.record.clock.turns, cause: undefined });
    await world.wait(group[Symbol.asyncDispose]());
  } else await world.wait(group.close());
  return undefined;
}

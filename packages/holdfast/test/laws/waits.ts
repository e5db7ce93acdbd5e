/** Steps that wait. */
import { abortable, sleep } from "holdfast";
import type { Step } from "./program.ts";
import type { Env, World } from "./world.ts";

/** LAW 8: by a cancellation at once and without a timer, or after its time. */
export async function sleepFor(world: World, ms: number, env: Env): Promise<void> {
  const { record } = world;
  const { clock } = record;
  const before = env.place.reason();
  const { made, turns } = clock;
  const from = clock.now();
  if (env.frame !== undefined) env.frame.lookedAt = Math.min(env.frame.lookedAt, from);
  const { context } = env;
  const sleeping = context.sleep?.(ms) ?? sleep(ms, { signal: world.signal(env) });
  if (before !== undefined && clock.made !== made) record.broken(8, "a sleep that was cancelled has made a timer");
  try {
    await world.wait(sleeping);
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

export async function hang(world: World, how: "sleep" | "listen" | "abortable", env: Env): Promise<void> {
  if (how === "sleep") return await sleepFor(world, 100_000, env);
  const signal = world.signal(env);
  if (how === "abortable") return await world.wait(abortable(new Promise<void>(() => {}), { signal }));
  const listening = { place: env.place, calls: 0, isOver: signal.aborted };
  world.record.listening.push(listening);
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
    world.record.look();
    listening.isOver = true;
  }
}

/** LAW 8: the outcome of the work arrives exactly once, here or late. */
export async function waitAbortable(world: World, step: Extract<Step, { do: "abortable" }>, env: Env): Promise<void> {
  const { record } = world;
  const signal = world.signal(env);
  const error = world.fresh("late");
  let arrivals = 0;
  const arrive = (): void => {
    arrivals++;
    if (!step.hookThrows) return;
    const thrown = world.fresh("hook");
    record.expectedLate.push(thrown);
    throw thrown;
  };
  const work = world.work(step.ms).then(() => {
    if (step.fails) throw error;
    return undefined;
  });
  // Whoever is told of the outcome has been when its turn is over.
  const check = async (): Promise<void> => {
    await world.work(0);
    if (arrivals !== 1) record.broken(8, `the outcome of work behind abortable() arrived ${arrivals} times`);
  };
  work.then(check, check).catch(() => {});
  try {
    await world.wait(abortable(work, { signal, onLate: arrive, onLateError: arrive }));
    arrivals++;
  } catch (caught) {
    if (caught === error) arrivals++;
    else if (caught !== env.place.reason())
      record.broken(8, "abortable() rejected with neither the error nor the reason");
    throw caught;
  }
}

/**
 * How many tasks run, have started and have ended, without having listened: tasks are numbered in the order of their spawning, so the newest that is there tells how many have come.
 */
import { kidsOf, type Link, registry } from "../../core/lowlevel.ts";

export class TaskCounter {
  /** The newest number that was seen, by the root of each copy of the library. */
  readonly #newest = new Map<object, number>();
  #alive = 0;

  constructor() {
    this.sinceLast();
  }

  /** O(tasks). The first call tells of nothing, since nothing is known of the time before. */
  sinceLast(): { readonly alive: number; readonly started: number; readonly finished: number } {
    let [alive, started] = [0, 0];
    for (const { root } of registry().runtimes) {
      const before = this.#newest.get(root);
      let newest = before ?? 0;
      // Holds: the shape of the links is part of what the version in the registry's name stands for.
      const open: Link[] = [root as Link];
      for (const link of open)
        for (const kid of kidsOf(link)) {
          // What is no scope is a waiter, and has nothing below it.
          if (!("bits" in kid)) continue;
          open.push(kid);
          // Holds: what has a state is a task, and has a number.
          const { id, state } = kid as { readonly id?: number; readonly state?: string };
          if (state === undefined || id === undefined) continue;
          alive++;
          newest = Math.max(newest, id);
        }
      // A copy that was not there before has started all that it has.
      started += newest - (before ?? 0);
      this.#newest.set(root, newest);
    }
    const finished = Math.max(0, this.#alive + started - alive);
    this.#alive = alive;
    return { alive, started, finished };
  }
}

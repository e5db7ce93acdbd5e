import { Semaphore } from "./semaphore.ts";

/** One at a time: a semaphore with one permit. Not reentrant: what holds it and asks again is told so, if it passes its signal. */
export class Mutex extends Semaphore {
  constructor() {
    super(1);
  }

  get isLocked(): boolean {
    return this.available === 0;
  }
}

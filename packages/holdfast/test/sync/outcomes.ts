/** What became of promises, in the order in which they settled. */
import { turn } from "../clock/fake-clock.ts";

export class Outcomes {
  /** Name, and value or error. */
  readonly settled: (readonly [name: string, outcome: unknown])[] = [];

  /** Notes it when it settles; gives it back. */
  note<T>(name: string, promise: Promise<T>): Promise<T> {
    promise.then(
      (value) => this.settled.push([name, value]),
      (error: unknown) => this.settled.push([name, error]),
    );
    return promise;
  }

  /** Those that have settled by now. */
  async names(): Promise<string[]> {
    await turn();
    return this.settled.map(([name]) => name);
  }
}

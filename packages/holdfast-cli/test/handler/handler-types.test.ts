/** The types that handlers are written against; the compiler is what tests them, this file only has to compile and run. */
import type { Handler, Setup, Teardown } from "holdfast-cli";
import { expect, test } from "../harness.ts";

interface Pool {
  readonly close: () => Promise<void>;
}

test("a handler names its item, its result and what setup returned", async () => {
  const setup: Setup<Pool> = () => Promise.resolve({ close: () => Promise.resolve() });
  const teardown: Teardown<Pool> = (pool) => pool.close();
  const handler: Handler<{ readonly url: string }, number, Pool> = async (item, { signal, attempt, shared }) => {
    // @ts-expect-error: an item has what its type says, no more
    void item.name;
    await shared.close();
    return signal.aborted ? 0 : item.url.length + attempt;
  };
  // @ts-expect-error: a result is what its type says
  const wrong: Handler<string, number> = (item) => item;
  expect([typeof setup, typeof teardown, typeof handler, typeof wrong]).toEqual([
    "function",
    "function",
    "function",
    "function",
  ]);
});

test("the package's entry is types only", async () => {
  expect({ ...(await import("holdfast-cli")) }).toEqual({});
});

/** What a request stored is there wherever its items and attempts run: tracing and logging depend on it. */
import { AsyncLocalStorage } from "node:async_hooks";
import { batch, forEach, map, retry } from "holdfast";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { numbers, Source } from "../core/lanes-gates.ts";
import { describe, expect, test } from "../harness.ts";

const clock = useFakeClock();
const request = new AsyncLocalStorage<string>();

/** Runs `work` for two requests at the same time, and gives what each of its steps saw. */
async function ofTwoRequests(work: (note: () => void) => Promise<unknown>): Promise<Record<string, string[]>> {
  const seen: Record<string, string[]> = { first: [], second: [] };
  await clock.run(() =>
    Promise.all(
      ["first", "second"].map((name) =>
        request.run(name, () => work(() => void seen[name]?.push(request.getStore() ?? "nothing"))),
      ),
    ),
  );
  return seen;
}

const times = (name: string, count: number): string[] => Array.from({ length: count }, () => name);

describe("the store of a request", () => {
  for (const kind of ["array", "sync", "async"] as const)
    for (const timeout of [undefined, 500])
      test(`is that of each item of map, over ${kind === "array" ? "an array" : `an iterator (${kind})`}${timeout === undefined ? "" : ", with a timeout"}`, async () => {
        const seen = await ofTwoRequests(async (note) => {
          const items = kind === "array" ? numbers(4) : new Source(numbers(4))[kind]();
          await map(
            items,
            async (_item, _index, { sleep }) => {
              note();
              await sleep(10);
              note();
            },
            { concurrency: 2, timeout },
          );
          note();
        });
        expect(seen).toEqual({ first: times("first", 9), second: times("second", 9) });
      });

  test("is that of each attempt and hook of retry, after its delays too", async () => {
    const seen = await ofTwoRequests(async (note) => {
      await retry(
        async ({ attempt, sleep }) => {
          note();
          if (attempt === 1) throw new Error("no");
          await sleep(1_000);
        },
        { baseDelay: 100, jitter: "none", timeout: 300, retries: 2, onFailedAttempt: note, grace: 0 },
      ).catch(note);
      note();
    });
    expect(seen).toEqual({ first: times("first", 8), second: times("second", 8) });
  });

  test("is that of each item of batch, of its attempts, and of onItem", async () => {
    const seen = await ofTwoRequests(async (note) => {
      await batch(
        numbers(3),
        (_item, { attempt }) => {
          note();
          if (attempt === 1) throw new Error("no");
        },
        { concurrency: 2, retry: { baseDelay: 100, jitter: "none" }, onItem: note },
      );
      note();
    });
    expect(seen).toEqual({ first: times("first", 10), second: times("second", 10) });
  });

  test("is that of who reads on, when several lanes share one slow input", async () => {
    const seen = await ofTwoRequests(async (note) => {
      async function* input(): AsyncGenerator<number> {
        for (let item = 0; item < 3; item++) {
          note();
          await turn();
          yield item;
        }
      }
      await forEach(input(), note, { concurrency: 3 });
    });
    expect(seen).toEqual({ first: times("first", 6), second: times("second", 6) });
  });
});

/**
 * The tests of `as_safe_channel` in trio's test_channel.py: an async generator that feeds a channel from a task of its own, so that it may own tasks and limits across its yields, and so
 * that its cleanup belongs to somebody. Here that is a group, a task and a channel. The titles carry the names from there; README.md has the list.
 */
import { ErrorGroup, openTaskGroup, taskGroup, type TaskGroup } from "holdfast";
import { channel, ChannelBrokenError, Latch, type Receiver, type Sender } from "holdfast/sync";
import { expect, test } from "../harness.ts";
import { turn } from "../clock/fake-clock.ts";
import { errorOf, waitUntilAborted } from "../core/outcome.ts";
import { codeOf } from "./refusal.ts";

class ValueError extends Error {}
class TypeMistake extends Error {}

/** Sends what `items` yields until that ends or nobody receives any more. Leaves the generator by `break`, always: after a throw, what its `finally` throws would be dropped by the language. */
async function feed<T>(sender: Sender<T>, items: AsyncIterable<T>, signal: AbortSignal): Promise<void> {
  using _ = sender;
  let refusal: unknown;
  for await (const item of items) {
    try {
      await sender.send(item, { signal });
    } catch (error) {
      refusal = error;
      break;
    }
  }
  if (refusal !== undefined && !(refusal instanceof ChannelBrokenError)) throw refusal;
}

/** `async with generate() as receiver: body(receiver)` */
function withChannel<T, R>(
  generate: (signal: AbortSignal, receiver: Receiver<T>) => AsyncGenerator<T>,
  body: (receiver: Receiver<T>, group: TaskGroup) => Promise<R>,
  options?: { readonly signal?: AbortSignal | undefined },
): Promise<R> {
  return taskGroup(async (group) => {
    const [sender, receiver] = channel<T>({ capacity: 0 });
    using _ = receiver;
    group.spawn(async ({ signal, throwIfCancelled }) => {
      throwIfCancelled();
      if (sender.statistics().openReceivers > 0) await feed(sender, generate(signal, receiver), signal);
    });
    return await body(receiver, group);
  }, options);
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const got: T[] = [];
  for await (const item of items) got.push(item);
  return got;
}

/** The messages of the errors of a group, nested ones as lists. */
function shape(error: unknown): unknown {
  if (error instanceof ErrorGroup) return error.errors.map(shape);
  return error instanceof Error ? `${error.constructor.name}: ${error.message}` : error;
}

test("trio test_as_safe_channel_exhaust: the loop ends when the generator does", async () => {
  async function* one(): AsyncGenerator<number> {
    yield 1;
  }
  expect(await withChannel(one, (receiver) => all(receiver))).toEqual([1]);
});

test("trio test_as_safe_channel_broken_resource: after closing, asking for the next is an error, and leaving is none", async () => {
  const log: string[] = [];
  async function* two(): AsyncGenerator<number> {
    try {
      yield 1;
      yield 2;
      log.push("asked for a third");
    } finally {
      log.push("finally");
    }
  }
  const outcome = await withChannel(two, async (receiver) => {
    const first = await receiver.receive();
    receiver.close();
    return [first, await codeOf(() => receiver.receive())];
  });
  expect([outcome, log]).toEqual([[1, "ERR_CHANNEL_CLOSED"], ["finally"]]);
});

test("trio test_as_safe_channel_cancelled: cancelled before anything was asked for, the generator is not called", async () => {
  const controller = new AbortController();
  const reason = new Error("outer");
  let calls = 0;
  async function* unread(): AsyncGenerator<number> {
    calls++;
    yield 1;
  }
  const error = await errorOf(withChannel(unread, async () => controller.abort(reason), { signal: controller.signal }));
  expect([error, calls]).toEqual([reason, 0]);
});

test("trio test_as_safe_channel_no_race: what the generator throws after its last item is neither lost nor covered by the end of the loop", async () => {
  async function* failing(): AsyncGenerator<number> {
    yield 1;
    throw new ValueError("oae");
  }
  const seen: number[] = [];
  const error = await errorOf(
    withChannel(failing, async (receiver) => {
      for await (const item of receiver) seen.push(item);
    }),
  );
  expect([shape(error), seen]).toEqual([["ValueError: oae"], [1]]);
});

test("trio test_as_safe_channel_no_interleave: the generator goes on as soon as its item has been received, to the next one and no further", async () => {
  const log: string[] = [];
  async function* three(): AsyncGenerator<number> {
    for (const item of [1, 2, 3]) {
      log.push(`makes ${item}`);
      yield item;
    }
  }
  await withChannel(three, async (receiver) => {
    log.push(`received ${await receiver.receive()}`);
    await turn();
    log.push("leaves");
  });
  expect(log).toEqual(["makes 1", "received 1", "makes 2", "leaves"]);
});

test("trio test_as_safe_channel_genexit_finally: when both the loop and the generator's finally throw, both are told", async () => {
  const log: string[] = [];
  async function* cleaning(): AsyncGenerator<number> {
    try {
      yield 1;
      yield 2;
      log.push("not reached");
    } finally {
      log.push("finally");
      // oxlint-disable-next-line no-unsafe-finally
      throw new ValueError("agen");
    }
  }
  const error = await errorOf(
    withChannel(cleaning, async (receiver) => {
      for await (const item of receiver) {
        log.push(`received ${item}`);
        throw new TypeMistake("iterator");
      }
    }),
  );
  expect([shape(error), log]).toEqual([
    ["TypeMistake: iterator", "ValueError: agen"],
    ["received 1", "finally"],
  ]);
});

test("trio test_as_safe_channel_nested_loop: one generator may be read within the loop over another", async () => {
  async function* two(): AsyncGenerator<number> {
    yield 0;
    yield 1;
  }
  const pairs = await withChannel(two, async (outer) => {
    const seen: [number, number][] = [];
    for await (const i of outer)
      await withChannel(two, async (inner) => {
        for await (const j of inner) seen.push([i, j]);
      });
    return seen;
  });
  expect(pairs).toEqual([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ]);
});

test("trio test_as_safe_channel_doesnt_leak_cancellation: what the generator cancels within itself reaches nobody else", async () => {
  async function* cancelling(): AsyncGenerator<string> {
    yield "before";
    const inner = openTaskGroup();
    const task = inner.spawn(({ sleep: pause }) => pause(Infinity));
    inner.cancel();
    yield `cancelled: ${inner.cancelled}`;
    await inner.close();
    yield task.state;
  }
  const log: unknown[] = [];
  const error = await errorOf(
    withChannel(cancelling, async (receiver, group) => {
      log.push(await all(receiver), group.cancelled);
      throw new ValueError("is reached");
    }),
  );
  expect([log, shape(error)]).toEqual([
    [["before", "cancelled: true", "cancelled"], false],
    ["ValueError: is reached"],
  ]);
});

test("trio test_as_safe_channel_dont_unwrap_user_exceptiongroup: a group that the body throws stays the one element that it is", async () => {
  const thrown = new ErrorGroup([new ValueError("bar")], "foo");
  async function* one(): AsyncGenerator<number> {
    yield 1;
  }
  const error = await errorOf(withChannel(one, () => Promise.reject(thrown)));
  expect(shape(error)).toEqual([["ValueError: bar"]]);
  expect(error instanceof ErrorGroup && error.errors[0] === thrown).toBe(true);
});

test("trio test_as_safe_channel_multiple_receiver: several tasks may receive what one generator makes, in the order in which they asked", async () => {
  const latch = new Latch();
  async function* two(): AsyncGenerator<number> {
    await latch.wait();
    yield 0;
    yield 1;
  }
  const got = await withChannel(two, async (receiver) => {
    const tasks = await taskGroup(async (group) => {
      const both = [group.spawn(() => receiver.receive()), group.spawn(() => receiver.receive())];
      await turn();
      latch.open();
      return both;
    });
    return await Promise.all(tasks.map((task) => task.join()));
  });
  expect(got).toEqual([0, 1]);
});

test("trio test_as_safe_channel_multi_cancel: a cancellation reaches both the loop and what the generator still waits for in its finally, and is no failure of either", async () => {
  const controller = new AbortController();
  const reason = new Error("outer");
  const log: string[] = [];
  async function* careful(signal: AbortSignal): AsyncGenerator<number> {
    try {
      yield 1;
      yield 2;
    } finally {
      await waitUntilAborted(signal).catch((error: unknown) => {
        log.push(error === reason ? "generator cancelled" : "something else");
        throw error;
      });
    }
  }
  const error = await errorOf(
    withChannel(
      careful,
      async (receiver, group) => {
        for await (const _ of receiver) {
          controller.abort(reason);
          await waitUntilAborted(group.signal).catch((caught: unknown) => {
            log.push(caught === reason ? "body cancelled" : "something else");
            throw caught;
          });
        }
      },
      { signal: controller.signal },
    ),
  );
  expect([error, log]).toEqual([reason, ["body cancelled", "generator cancelled"]]);
});

test("trio test_as_safe_channel_swallowing_extra_exceptions: what the tasks of a generator throw while it is left comes out, all of it", async () => {
  async function* owning(): AsyncGenerator<string> {
    const group = openTaskGroup({ name: "tasks of the generator" });
    try {
      for (const name of ["a", "b"])
        group.spawn(({ signal }) => waitUntilAborted(signal, () => new ValueError(`cleanup of ${name}`)));
      await turn();
      yield "item";
      yield "another";
    } finally {
      group.cancel();
      await group.close();
    }
  }
  const seen: string[] = [];
  const error = await errorOf(
    withChannel(owning, async (receiver) => {
      for await (const item of receiver) {
        seen.push(item);
        break;
      }
    }),
  );
  expect([shape(error), seen]).toEqual([[["ValueError: cleanup of a", "ValueError: cleanup of b"]], ["item"]]);
});

async function* endless(): AsyncGenerator<number> {
  for (let item = 0; ; item++) {
    await turn();
    yield item;
  }
}

test("trio test_as_safe_channel_close_between_iteration: closing by another task ends the loop with an error, and the generator", async () => {
  const seen: number[] = [];
  const code = await withChannel(endless, async (receiver, group) => {
    group.spawn(async () => {
      for (let turns = 0; turns < 10; turns++) await turn();
      receiver.close();
    });
    return await codeOf(async () => {
      for await (const item of receiver) seen.push(item);
    });
  });
  expect([code, seen.length > 0, seen]).toEqual(["ERR_CHANNEL_CLOSED", true, seen.map((_, index) => index)]);
});

test("trio test_as_safe_channel_close_before_iteration: closed before anything was asked for, the generator is not called", async () => {
  let calls = 0;
  async function* unread(): AsyncGenerator<number> {
    calls++;
    yield 1;
  }
  const code = await withChannel(unread, async (receiver) => {
    receiver.close();
    return await codeOf(() => receiver.receive());
  });
  expect([code, calls]).toEqual(["ERR_CHANNEL_CLOSED", 0]);
});

test("trio test_as_safe_channel_close_during_iteration: a generator that closes what it feeds ends the loop with an error", async () => {
  let made = 0;
  async function* closing(_signal: AbortSignal, receiver: Receiver<number>): AsyncGenerator<number> {
    yield ++made;
    receiver.close();
    for (;;) yield ++made;
  }
  const seen: number[] = [];
  const code = await withChannel(closing, async (receiver) => {
    const refused = await codeOf(async () => {
      for await (const item of receiver) seen.push(item);
    });
    await turn();
    return refused;
  });
  expect([code, seen, made]).toEqual(["ERR_CHANNEL_CLOSED", [1], 2]);
});

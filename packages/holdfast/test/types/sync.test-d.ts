/** What `holdfast/sync` infers, and what must not compile. */
import { expectTypeOf } from "expect-type";
import type { AttemptContext, CallOptions, Context, Policy, Result } from "holdfast";
import { channel, Queue, Semaphore } from "holdfast/sync";
import type {
  ChannelStatistics,
  Latch,
  Mutex,
  Permit,
  ProcessOptions,
  QueueClosedError,
  QueueOptions,
  Receiver,
  Sender,
  WaitOptions,
} from "holdfast/sync";
import { describe, test } from "../harness.ts";

declare const signal: AbortSignal;

describe("Semaphore and Mutex", () => {
  test("acquire gives a permit that a using declaration takes", () => {
    const semaphore = new Semaphore(1);
    expectTypeOf<(typeof semaphore)["acquire"]>().toEqualTypeOf<(options?: CallOptions) => Promise<Permit>>();
    expectTypeOf<(typeof semaphore)["tryAcquire"]>().toEqualTypeOf<() => Permit | undefined>();
    expectTypeOf<Permit>().toExtend<Disposable>();
    expectTypeOf<Permit["release"]>().toEqualTypeOf<() => void>();
    expectTypeOf<Mutex>().toExtend<Semaphore>();
    expectTypeOf<Semaphore>().toExtend<Policy>();
    expectTypeOf<ConstructorParameters<typeof Mutex>>().toEqualTypeOf<[]>();
  });

  test("run resolves with what the function returns, and gives it a context", () => {
    const semaphore = new Semaphore(1);
    expectTypeOf(semaphore.run(() => 1)).toEqualTypeOf<Promise<number>>();
    expectTypeOf(semaphore.run(async () => ["a"], { signal, name: "a" })).toEqualTypeOf<Promise<string[]>>();
    void semaphore.run((context) => void expectTypeOf(context).toEqualTypeOf<Context>());
    // @ts-expect-error a promise is no function
    void semaphore.run(Promise.resolve(1));
  });

  test("wrap keeps arguments and this, and makes the outcome a promise", () => {
    const semaphore = new Semaphore(1);
    const wrapped = semaphore.wrap(function (this: { readonly id: number }, name: string, count?: number) {
      return this.id + name.length + (count ?? 0);
    });
    expectTypeOf(wrapped).toEqualTypeOf<
      (this: { readonly id: number }, name: string, count?: number) => Promise<number>
    >();
    const withSignal = semaphore.wrap(
      async (_: string, { signal: own }: { readonly signal: AbortSignal }) => own.aborted,
      {
        signal: (_, options) => options.signal,
      },
    );
    expectTypeOf(withSignal("a", { signal })).toEqualTypeOf<Promise<boolean>>();
    const optional = semaphore.wrap((id: number, _own?: AbortSignal, ...more: string[]) => id + more.length, {
      signal: (_, own) => (expectTypeOf(own).toEqualTypeOf<AbortSignal | undefined>(), own),
    });
    expectTypeOf(optional).toEqualTypeOf<
      (this: unknown, id: number, _own?: AbortSignal, ...more: string[]) => Promise<number>
    >();
    // @ts-expect-error the parameters are those of the function
    semaphore.wrap((id: number) => id, { signal: (_id: string) => undefined });
    // @ts-expect-error its this is missing
    void wrapped("a");
  });
});

describe("Latch", () => {
  test("waits for nothing but the opening", () => {
    expectTypeOf<Latch["wait"]>().toEqualTypeOf<(options?: WaitOptions) => Promise<void>>();
  });
});

describe("Queue", () => {
  test("takes and gives what it is of", () => {
    const queue = new Queue<string>({ capacity: 1, name: "mail" });
    expectTypeOf<(typeof queue)["put"]>().toEqualTypeOf<(item: string, options?: WaitOptions) => Promise<void>>();
    expectTypeOf<(typeof queue)["tryPut"]>().toEqualTypeOf<(item: string) => boolean>();
    expectTypeOf<(typeof queue)["get"]>().toEqualTypeOf<(options?: WaitOptions) => Promise<string>>();
    expectTypeOf<(typeof queue)["tryGet"]>().toEqualTypeOf<() => Result<string, undefined>>();
    expectTypeOf<(typeof queue)["abort"]>().toEqualTypeOf<(reason?: unknown) => string[]>();
    expectTypeOf<(typeof queue)["waitForIdle"]>().toEqualTypeOf<(options?: WaitOptions) => Promise<void>>();
    expectTypeOf(queue).toExtend<AsyncIterable<string>>();
    // @ts-expect-error an item of another type
    void queue.put(1);
  });

  test("is made with a capacity", () => {
    expectTypeOf<QueueOptions["capacity"]>().toEqualTypeOf<number>();
    // @ts-expect-error no default on purpose
    void new Queue<number>({});
    // @ts-expect-error no default on purpose
    void new Queue<number>();
  });

  test("has counters that are only read", () => {
    const queue = new Queue<string>({ capacity: 1 });
    type Counters = "size" | "waiting" | "running" | "capacity" | "isIdle" | "isClosed" | "isPaused" | "name";
    expectTypeOf<Pick<Queue<string>, Counters>>().toEqualTypeOf<{
      readonly size: number;
      readonly waiting: number;
      readonly running: number;
      readonly capacity: number;
      readonly isIdle: boolean;
      readonly isClosed: boolean;
      readonly isPaused: boolean;
      readonly name: string;
    }>();
    // @ts-expect-error read only
    queue.size = 1;
  });

  test("process gives each item, and says how many at a time", () => {
    const queue = new Queue<{ readonly id: number }>({ capacity: 1 });
    expectTypeOf(
      queue.process(
        (item, context) => {
          expectTypeOf(item).toEqualTypeOf<{ readonly id: number }>();
          expectTypeOf(context).toEqualTypeOf<AttemptContext>();
        },
        { concurrency: 1, onDeadLetter: (item) => void expectTypeOf(item.id).toEqualTypeOf<number>() },
      ),
    ).toEqualTypeOf<Promise<void>>();
    expectTypeOf<ProcessOptions<number>["concurrency"]>().toEqualTypeOf<number>();
    void queue.process(() => {}, { concurrency: 1, retry: { retries: 2, shouldRetry: ({ attempt }) => attempt < 2 } });
    // @ts-expect-error it is given to process
    void queue.process(() => {}, { concurrency: 1, retry: { signal } });
    // @ts-expect-error no default on purpose
    void queue.process(() => {}, {});
  });

  test("its error has data fields", () => {
    expectTypeOf<QueueClosedError["name"]>().toEqualTypeOf<"QueueClosedError">();
    expectTypeOf<QueueClosedError["code"]>().toEqualTypeOf<"ERR_QUEUE_CLOSED">();
    expectTypeOf<QueueClosedError["queue"]>().toEqualTypeOf<string>();
  });
});

describe("channel", () => {
  test("has two ends of one type", () => {
    const [sender, receiver] = channel<number>({ capacity: 0 });
    expectTypeOf(sender).toEqualTypeOf<Sender<number>>();
    expectTypeOf(receiver).toEqualTypeOf<Receiver<number>>();
    expectTypeOf<(typeof sender)["send"]>().toEqualTypeOf<(item: number, options?: WaitOptions) => Promise<void>>();
    expectTypeOf(sender.clone()).toEqualTypeOf<Sender<number>>();
    expectTypeOf<(typeof receiver)["receive"]>().toEqualTypeOf<(options?: WaitOptions) => Promise<number>>();
    expectTypeOf<(typeof receiver)["tryReceive"]>().toEqualTypeOf<() => Result<number, undefined>>();
    expectTypeOf(receiver).toExtend<AsyncIterable<number>>();
    expectTypeOf(receiver.statistics()).toEqualTypeOf<ChannelStatistics>();
    expectTypeOf(sender).toExtend<Disposable>();
    // @ts-expect-error no default on purpose
    void channel<number>();
    // @ts-expect-error an item of another type
    sender.trySend("a");
  });
});

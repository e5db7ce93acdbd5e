/** Locks and channels that nobody can free any more, beside such as look alike and are well; prints the warnings of a search, one a line, and exits. */
import { onLateError, sleep, type TaskContext, type TaskGroup, taskGroup, timeout } from "holdfast";
import { dump, findWarnings } from "holdfast/inspect";
import { channel, Mutex, Semaphore } from "holdfast/sync";

const kept: unknown[] = [];
Reflect.set(globalThis, "kept", kept);

/** One who waits for `semaphore`, when what holds it up has begun. */
function wait(group: TaskGroup, name: string, semaphore: Semaphore): void {
  group.spawn(
    async ({ signal }) => {
      await sleep(5);
      await semaphore.run(() => {}, { signal });
    },
    { name },
  );
}

async function take(semaphore: Semaphore): Promise<void> {
  await semaphore.acquire();
}

async function holdForEver({ sleep: pause }: TaskContext, semaphore: Semaphore): Promise<void> {
  const permit = await semaphore.acquire();
  try {
    await pause(60_000);
  } finally {
    permit.release();
  }
}

async function locks(group: TaskGroup): Promise<void> {
  const [forgotten, held, promised, endless, shared] = [
    new Mutex(),
    new Mutex(),
    new Mutex(),
    new Mutex(),
    new Semaphore(2),
  ];
  group.spawn(() => take(forgotten), { name: "forgets" });
  wait(group, "after one that forgot", forgotten);

  group.spawn((context) => holdForEver(context, held), { name: "holds" });
  wait(group, "after one that holds", held);

  // Whoever has the function has the permit.
  const { release } = await promised.acquire();
  kept.push(release);
  wait(group, "after one that may", promised);

  group.spawn(({ signal }) => endless.run(() => new Promise<never>(() => {}), { signal }), { name: "never" });
  wait(group, "after a call that can't end", endless);

  group.spawn(() => take(shared), { name: "forgets too" });
  group.spawn((context) => holdForEver(context, shared), { name: "holds too" });
  wait(group, "after one of two", shared);
}

function channels(group: TaskGroup): void {
  const [, lonely] = channel<number>({ capacity: 1, name: "lonely" });
  group.spawn((context) => lonely.receive(context), { name: "no sender" });

  const [sender, served] = channel<number>({ capacity: 1, name: "served" });
  const clone = sender.clone();
  group.spawn(
    async ({ sleep: pause }) => {
      await pause(60_000);
      await clone.send(1);
    },
    { name: "sends" },
  );
  group.spawn((context) => served.receive(context), { name: "a sender" });

  const [unheard] = channel<number>({ capacity: 0, name: "unheard" });
  group.spawn((context) => unheard.send(1, context), { name: "no receiver" });

  const [full, slow] = channel<number>({ capacity: 0, name: "full" });
  group.spawn(
    async ({ sleep: pause }) => {
      for await (const item of slow) await pause(60_000 + item);
    },
    { name: "loops" },
  );
  group.spawn(
    async (context) => {
      await full.send(1, context);
      await full.send(2, context);
    },
    { name: "a receiver" },
  );
}

/** Two locks, taken in different orders and held by permits. */
async function acquireBoth(first: Mutex, second: Mutex, { signal, sleep: pause }: TaskContext): Promise<void> {
  const outer = await timeout(1000, (context) => first.acquire(context), { signal });
  await pause(1);
  const inner = await second.acquire({ signal });
  inner.release();
  outer.release();
}

/** One who takes a lock and gives its permit to another, who will give it back; beside one who waits for the lock. */
function handOver(group: TaskGroup, passed: Mutex): void {
  group.spawn(
    async ({ signal }) => {
      await taskGroup(
        async (inner) => {
          const taking = inner.spawn((context) => passed.acquire(context), { name: "takes" });
          kept.push(await taking.join());
          wait(inner, "after one that gave it away", passed);
        },
        { signal, name: "hand over" },
      );
    },
    { name: "gives away" },
  );
}

/** A group that has given up a task which holds a lock. */
async function abandon(lock: Mutex): Promise<void> {
  await taskGroup(
    async (group) => {
      group.spawn(() => lock.run(() => sleep(60_000)), { name: "deaf" });
      await sleep(5);
      group.cancel();
    },
    { grace: 5 },
  );
}

// That it was given up.
onLateError(() => {});
const [lock, left, right, passed] = [new Mutex(), new Mutex(), new Mutex(), new Mutex()];
void taskGroup(async (group) => {
  wait(group, "after one that was given up", lock);
  await locks(group);
  channels(group);
  group.spawn((context) => acquireBoth(left, right, context), { name: "there" });
  group.spawn((context) => acquireBoth(right, left, context), { name: "back" });
  handOver(group, passed);
});
await abandon(lock);
await sleep(20);
for (const { code, message } of findWarnings(dump({ deep: true })))
  if (code === "stuck-wait" || code === "lock-cycle") process.stdout.write(`${message}\n`);
process.exit(0);

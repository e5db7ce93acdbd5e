/** Five tasks in each other, and three in other kinds of waits; says what it waits for, and exits. */
import { sleep, taskGroup, timeout } from "holdfast";
import { dump, formatDump } from "holdfast/inspect";
import { channel } from "holdfast/sync";

const [, receiver] = channel<number>({ capacity: 0, name: "jobs" });
const never = new Promise<never>(() => {});
/** Held, or nobody would ever find who awaits it. */
const lost = new Promise<never>(() => {});

async function queryRows(signal: AbortSignal): Promise<void> {
  await sleep(50_000, { signal });
}

async function loadUser(signal: AbortSignal): Promise<void> {
  await queryRows(signal);
}

/** Each task opens a group for the next one. */
async function nest(depth: number, signal: AbortSignal | undefined): Promise<void> {
  await taskGroup(
    (group) => {
      group.spawn(
        async (context) => {
          if (depth === 5) await loadUser(context.signal);
          else await nest(depth + 1, context.signal);
        },
        { name: `level ${depth}` },
      );
    },
    { name: `group ${depth}`, signal },
  );
}

async function forgetful(): Promise<void> {
  await sleep(50_000);
}

async function receiveJob(signal: AbortSignal): Promise<void> {
  await timeout(50_000, (context) => receiver.receive(context), { signal, name: "receive" });
}

async function fetchPrice(): Promise<void> {
  await never;
}

async function floating(): Promise<void> {
  await lost;
}

void nest(1, undefined);
void taskGroup(
  (group) => {
    group.spawn(forgetful);
    const receiving = group.spawn(({ signal }) => receiveJob(signal), { name: "receiver" });
    group.spawn(async function joiner() {
      await receiving.join();
    });
    const price = group.spawn(fetchPrice);
    price.cancel("nobody asks any more");
  },
  { name: "others" },
);
void floating();

Reflect.set(globalThis, "held", [never, lost]);

// From now on it stands still: a machine may be so busy that what was cancelled just now has gone on for a second, which is a warning.
const time = performance.now();
performance.now = () => time;

const deep = process.argv.includes("--deep");
setImmediate(() => {
  const text = formatDump(dump({ deep }));
  // Looking changes nothing: the second look sees the same.
  const again = formatDump(dump({ deep }));
  const plain = (shown: string): string => shown.replaceAll(/\d+(?:\.\d)? m?s\b/gu, "TIME");
  process.stdout.write(plain(text) === plain(again) ? text : `DIFFERENT\n${text}\n${again}`);
  process.exit(0);
});

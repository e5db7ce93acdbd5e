/** A program that uses the public surface as a user would, and the strictest project that it must compile in. */

/** The same text is compiled as an ES module (`.mts`) and as CommonJS (`.cts`). */
export const consumer = `import { batch, CancelledError, ErrorGroup, forEach, map, retry, settle, sleep, taskGroup, TimeoutError, timeout } from "holdfast";
import type { BatchReport, Result, Task } from "holdfast";
import { channel, Queue, Semaphore } from "holdfast/sync";
import * as policy from "holdfast/policy";
import * as batches from "holdfast/batch";
import * as lowlevel from "holdfast/lowlevel";

async function main(signal: AbortSignal): Promise<number> {
  const total: number = await taskGroup(
    async (group) => {
      const one: Task<number> = group.spawn(async ({ signal: inner }) => (await sleep(1, { signal: inner }), 1));
      const text: Promise<string> = timeout(1_000, () => "two");
      return (await one.join()) + (await text).length;
    },
    { signal, name: "total" },
  );
  const doubled: number[] = await map([1, 2, 3], async (item) => item * 2, { concurrency: 2 });
  await forEach(doubled, (item) => void item, { concurrency: 1, signal });
  const queue = new Queue<number>({ capacity: 1 });
  const [sender, receiver] = channel<number>({ capacity: 1 });
  await new Semaphore(1).run(() => queue.put(1));
  queue.close();
  for await (const item of queue) await sender.send(item);
  sender.close();
  for await (const item of receiver) if (item !== 1) throw new Error("another item");
  const answer: Result<string> = await settle(() => retry(({ attempt }) => "attempt " + attempt, { retries: 1 }));
  const report: BatchReport<number, string> = await batch(doubled, (item) => String(item), { concurrency: 2 });
  if (!answer.ok && (answer.error instanceof ErrorGroup || answer.error instanceof TimeoutError)) throw answer.error;
  if (!answer.ok && answer.error instanceof CancelledError) return 0;
  return total + doubled.length + report.values.length;
}

void main(new AbortController().signal).then((value) => console.log(value, [policy, batches, lowlevel].length));
`;

export const consumerOptions = {
  target: "ES2022",
  lib: ["ES2022", "DOM"],
  module: "NodeNext",
  moduleResolution: "NodeNext",
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  // The published declarations must hold by themselves.
  skipLibCheck: false,
  types: [],
  outDir: "out",
};

export const consumerFiles: Readonly<Record<string, string>> = {
  "consumer.mts": consumer,
  "consumer.cts": consumer,
  "tsconfig.json": JSON.stringify({ compilerOptions: consumerOptions, files: ["consumer.mts", "consumer.cts"] }),
};

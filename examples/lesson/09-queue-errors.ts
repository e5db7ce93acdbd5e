/** 9. A producer, two consumers, and a queue that can be closed: its end is told to all, and one item's failure is one consumer's affair. */
import { taskGroup } from "holdfast";
import type { Context } from "holdfast";
import { Queue } from "holdfast/sync";

type Item = number | string;

async function produce(queue: Queue<Item>, items: readonly (Item | null)[], { sleep }: Context): Promise<void> {
  for (const item of items) {
    if (item === null) console.log("Producer error: Item cannot be None");
    else {
      // Said before it is handed over: a consumer who waits for it goes on first.
      console.log(`Produced: ${item}`);
      await queue.put(item);
    }
    await sleep(500);
  }
  queue.close();
}

async function consume(queue: Queue<Item>, consumer: number, { sleep }: Context): Promise<void> {
  for await (const item of queue) {
    try {
      if (typeof item === "string" && item.startsWith("error")) throw new Error(`Cannot process ${item}`);
      console.log(`Consumer ${consumer} processed: ${item}`);
      await sleep(1_000);
    } catch (error) {
      console.log(`Consumer ${consumer} error: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

export async function main(): Promise<void> {
  const queue = new Queue<Item>({ capacity: 10 });
  await taskGroup(async (group) => {
    group.spawn((context) => produce(queue, [1, 2, "error", 3, null, 4], context), { name: "producer" });
    for (const consumer of [0, 1])
      group.spawn((context) => consume(queue, consumer, context), { name: `consumer ${consumer}` });
  });
}

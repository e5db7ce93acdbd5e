/** A million items through `Queue.process`. */
import { Queue } from "holdfast/sync";

const queue = new Queue<{ readonly id: number }>({ capacity: 100 });
let sum = 0;
const processed = queue.process(
  async ({ id }) => {
    sum += id;
  },
  { concurrency: 10 },
);
for (let id = 0; id < 1_000_000; id++) await queue.put({ id });
queue.close();
await processed;
process.stdout.write(`${sum}\n`);

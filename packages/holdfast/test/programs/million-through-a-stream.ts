/** A million items through `mapStream`. */
import { mapStream } from "holdfast";

async function* input(): AsyncGenerator<{ readonly id: number }> {
  for (let id = 0; id < 1_000_000; id++) yield { id };
}

let sum = 0;
for await (const id of mapStream(input(), async (item) => item.id, { concurrency: 10 })) sum += id;
process.stdout.write(`${sum}\n`);

/** A million items through `batch`, none of which is kept. */
import { batch } from "holdfast";

async function* input(): AsyncGenerator<{ readonly id: number }> {
  for (let id = 0; id < 1_000_000; id++) yield { id };
}

let sum = 0;
const { counts } = await batch(
  input(),
  async ({ id }) => {
    sum += id;
  },
  { concurrency: 10, keep: "none" },
);
process.stdout.write(`${counts.succeeded === 1_000_000 ? sum : JSON.stringify(counts)}\n`);

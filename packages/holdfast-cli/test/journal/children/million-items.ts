/** Reads a million items of a file and records them all, in whatever heap it was given; prints what it saw. */
import { openInput } from "../../../src/input/index.ts";
import { openJournal } from "../../../src/journal/index.ts";
import { openOutput } from "../../../src/output/index.ts";
import { journalOptions, succeeded } from "../recording.ts";

const [folder = "", path = "", key] = process.argv.slice(2);
const input = await openInput({ path, format: undefined, key });
const facts = await input.facts();
let acknowledged = 0;
const output = openOutput(`${folder}/out.ndjson`);
const journal = openJournal(
  journalOptions(folder, {
    input: { name: path, format: input.format, facts, key },
    output,
    onCommit: (outcomes) => {
      acknowledged += outcomes.length;
    },
  }),
);
const resident: number[] = [];
for await (const { index, key: name } of input.items()) {
  journal.record(succeeded(index, name));
  if (index === 200_000 || index === 900_000) resident.push(process.memoryUsage().rss);
}
journal.finish("finished");
const [early = 0, late = 0] = resident;
process.stdout.write(
  `${JSON.stringify({ items: facts?.items, acknowledged, totals: journal.totals, grewBy: Math.round((late - early) / 1_000_000) })}\n`,
);
journal.close();
output.close();

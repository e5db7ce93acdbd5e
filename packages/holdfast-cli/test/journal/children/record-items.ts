/**
 * Records items 0 to `count` - 1 of one input into the journal and the output of the folder it is given, skipping what
 * is done; prints each index when it is acknowledged, and how it failed.
 */
import { writeSync } from "node:fs";
import { join } from "node:path";
import { CliError } from "../../../src/cli-error.ts";
import { openJournal } from "../../../src/journal/index.ts";
import { openOutput } from "../../../src/output/index.ts";
import { dead, failedAttempt, journalOptions, succeeded } from "../recording.ts";

const [folder = "", count = "", outputName = "out.ndjson"] = process.argv.slice(2);
try {
  const output = openOutput(join(folder, outputName));
  const journal = openJournal(
    journalOptions(folder, {
      output,
      onCommit: (outcomes) => {
        const text = Buffer.from(outcomes.map(({ index }) => `${index}\n`).join(""));
        for (let written = 0; written < text.length;) written += writeSync(1, text, written);
      },
    }),
  );
  for (let index = 0; index < Number(count); index++) {
    if (journal.isDone(index, undefined)) continue;
    journal.record(index % 10 === 9 ? dead(index, [failedAttempt(1), failedAttempt(2)]) : succeeded(index));
  }
  journal.finish("finished");
  journal.close();
  output.close();
} catch (error) {
  if (!(error instanceof CliError)) throw error;
  process.stdout.write(`${error.exitCode}: ${error.message}\n`);
}

/** Opens the journal in the folder it is given, says so, and holds it until its stdin ends. */
import { openJournal } from "../../../src/journal/index.ts";
import { journalOptions, succeeded } from "../recording.ts";

const [folder = ""] = process.argv.slice(2);
const journal = openJournal(journalOptions(folder));
journal.record(succeeded(0));
journal.flush();
process.stdout.write("holding\n");
process.stdin.resume().on("end", () => {
  journal.finish("finished");
  journal.close();
});

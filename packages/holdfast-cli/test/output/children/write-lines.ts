/** Writes 2 MB of numbered lines to a stdout that was made non-blocking, and says when it begins. */
import { writeSync } from "node:fs";
import { openOutput } from "../../../src/output/index.ts";

// Looking at it makes Node open the pipe its own way, which never blocks: a full pipe refuses the write instead.
process.stdout.on("error", () => undefined);
const output = openOutput("-");
writeSync(2, "writing\n");
let text = "";
for (let n = 0; n < 200_000; n++) text += `${String(n).padStart(9, "0")}\n`;
const offset = output.write(text);
output.close();
writeSync(2, `${offset}\n`);

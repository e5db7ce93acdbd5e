/** Puts what the four programs print into the guide: `npm run docs:errors`. What can't be run here stays as it was recorded. */
import { writeFileSync } from "node:fs";
import { lasting, missingFor, outputOf, outputOnPage, pagePath, pageWith, programs } from "./outputs.ts";
import type { ProgramName } from "./outputs.ts";

// Holds: those are its keys.
for (const name of Object.keys(programs) as ProgramName[]) {
  const missing = missingFor(name);
  if (missing !== undefined) {
    console.log(`${programs[name].file}: not run, it needs ${missing}`);
    continue;
  }
  const output = outputOf(name);
  // Other milliseconds are no news.
  if (lasting(output) === lasting(outputOnPage(name))) {
    console.log(`${programs[name].file}: as it was`);
    continue;
  }
  writeFileSync(pagePath, pageWith(name, output));
  console.log(`${programs[name].file}: recorded`);
}

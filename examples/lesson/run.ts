/** Runs the lesson's programs: all of them, or those whose numbers are given. `npm run lesson -- 05 07` */
import { readdirSync } from "node:fs";
import { runMain } from "holdfast/lifecycle";

const folder = new URL("./", import.meta.url);
const numbers = process.argv.slice(2).map((number) => number.padStart(2, "0"));
const programs = readdirSync(folder)
  .filter((file) => /^\d\d-.*\.ts$/u.test(file) && (numbers.length === 0 || numbers.includes(file.slice(0, 2))))
  .toSorted();

await runMain(async () => {
  if (programs.length === 0) throw new Error(`there is no program ${numbers.join(", ")}; they are 01 to 11`);
  for (const file of programs) {
    console.log(`── ${file}`);
    // Holds: each program of this folder exports it.
    const { main } = (await import(new URL(file, folder).href)) as { readonly main: () => Promise<void> };
    await main();
  }
});

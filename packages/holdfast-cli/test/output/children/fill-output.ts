/** Writes a line, then more than the file may hold, to the file that it is given; prints how that failed and what is left. */
import { CliError } from "../../../src/cli-error.ts";
import { openOutput } from "../../../src/output/index.ts";

const [path = ""] = process.argv.slice(2);
const output = openOutput(path);
output.write("1\n");
try {
  output.write(`${"x".repeat(1_000_000)}\n`);
} catch (error) {
  if (!(error instanceof CliError)) throw error;
  process.stdout.write(`${error.exitCode}: ${error.message}\n`);
}
process.stdout.write(`${output.size()}\n`);
output.close();

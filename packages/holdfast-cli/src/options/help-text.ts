/**
 * The texts of `holdfast --help` and `holdfast run --help`, made from the option table.
 */
import { exitCodeMeanings } from "../exit-code.ts";
import { optionTable } from "./option-table.ts";
import type { OptionSpec } from "./option-table.ts";

export const mainHelp: string = `holdfast: run an async function over a file of items, and lose none of them

usage
  holdfast run <handler.ts|.js> <input> [options]

  holdfast ls              lists the running Node processes
  holdfast dump <pid>      what a process waits for: its tasks, and the line of each suspended await
  holdfast ps <pid>        the tasks of a process, one in a line
  holdfast top <pid>       the same while it changes, and how busy the process is
  holdfast doctor <pid>    what is wrong with a process

  holdfast <command> --help    the options of a command, with examples
  holdfast --version
`;

const sections: readonly (readonly [OptionSpec["section"], string])[] = [
  ["input", "input"],
  ["running", "running"],
  ["results", "results and journal"],
  ["stopping", "stopping"],
  ["watching", "watching"],
];

export function runHelp(): string {
  const options = sections.map(([section, title]) => {
    const lines = optionTable.filter((spec) => spec.section === section).map(optionLines);
    return `${title}\n${lines.join("\n")}`;
  });
  return `usage: holdfast run <handler.ts|.js> <input> [options]

Applies the handler's default export to every item of the input, and writes down each outcome in a journal.
Run the same command again, after a crash or kill -9 too, and it goes on where it was.

  // handler.ts
  export default async (item, { signal, attempt, key, index, log, stopping }) => {
    const response = await fetch(item.url, { signal });
    return { status: response.status };
  };

${options.join("\n\n")}

other
  -h, --help
      this text
      --version
      the version

signals
  the first SIGINT or SIGTERM takes no more items and lets those in flight finish (--drain), the second aborts them,
  the third exits at once; SIGUSR2 prints what is in flight

exit codes
${exitCodeMeanings.map(([code, meaning]) => `  ${code.padEnd(9)} ${meaning}`).join("\n")}

examples
  holdfast run fetch.ts urls.txt -j 50 --timeout 10s --output pages.ndjson
  holdfast run import.ts orders.csv --key order_id --rate 20/s --max-failures 1%
  zcat events.gz | holdfast run index.ts - --format ndjson --journal events.db --retries 2
  holdfast run fetch.ts urls.txt --limit 10 --dry-run
`;
}

function optionLines(spec: OptionSpec): string {
  const short = spec.short === undefined ? "    " : `-${spec.short}, `;
  const shown = spec.default ?? spec.absent;
  const byDefault = shown === undefined ? "" : ` (default ${shown})`;
  return `  ${short}--${spec.name}${spec.argument === undefined ? "" : ` ${spec.argument}`}\n      ${spec.help}${byDefault}`;
}

/**
 * `--dry-run`: says what would run. Reads the input and the journal once, loads the handler to see that it can be; starts
 * nothing and writes nothing.
 */
import { existsSync } from "node:fs";
import type { HandlerModule } from "../handler/handler-module.ts";
import type { Input, InputItem } from "../input/index.ts";
import { peekJournal } from "../journal/index.ts";
import type { JournalPeek } from "../journal/index.ts";
import type { RunSettings } from "../options/run-settings.ts";
import { count, oneLine } from "../progress/status-text.ts";
import { settingsText } from "../report/settings-text.ts";

const shownItems = 5;

/** The text for standard output. @throws {@link CliError} (65) when the input is broken, or the journal belongs to another. */
export async function dryRun(
  settings: RunSettings,
  module: HandlerModule,
  input: Input,
  journalPath: string | undefined,
): Promise<string> {
  const journal = await findJournal(settings, module, input, journalPath);
  const limit = settings.limit ?? Infinity;
  const first: InputItem[] = [];
  let items = 0;
  let done = 0;
  for await (const entry of input.items()) {
    items += 1;
    if (journal?.isDone(entry.index, entry.key) === true) done += 1;
    else if (first.length < Math.min(shownItems, limit)) first.push(entry);
  }
  const hooks = [module.setup && "setup", module.teardown && "teardown"].filter((name) => name !== undefined);
  const counts = [`${count(items)} (${input.format})`];
  if (input.duplicates > 0) counts.push(`${count(input.duplicates)} duplicate keys left out`);
  counts.push(`${count(done)} done before`, `${count(Math.min(items - done, limit))} would run`);
  const lines = [
    `would run  ${module.name} over ${settings.input}${hooks.length === 0 ? "" : `, with ${hooks.join(" and ")}`}`,
    `items      ${counts.join(", ")}`,
    `settings   ${settingsText(settings)}`,
    `journal    ${journalText(settings, journalPath)}`,
    `results    ${settings.output ?? "in the journal only"}`,
    ...first.map((entry) => `item ${entry.key ?? entry.index}: ${oneLine(JSON.stringify(entry.item) ?? "", 160)}`),
  ];
  return `${lines.join("\n")}\n`;
}

async function findJournal(
  { fresh, resume, input: name, key }: RunSettings,
  module: HandlerModule,
  input: Input,
  path: string | undefined,
): Promise<JournalPeek | undefined> {
  if (path === undefined || fresh || resume === "never") return undefined;
  const facts = await input.facts();
  return peekJournal({ path, handler: module.name, input: { name, format: input.format, facts, key } });
}

function journalText(settings: RunSettings, path: string | undefined): string {
  if (path === undefined) return "none named; needed for standard input";
  if (!existsSync(path)) return `${path}${settings.resume === "require" ? ", which does not exist: refused" : ", new"}`;
  if (settings.fresh) return `${path}, started again`;
  return settings.resume === "never" ? `${path}, which exists: refused` : `${path}, gone on with`;
}

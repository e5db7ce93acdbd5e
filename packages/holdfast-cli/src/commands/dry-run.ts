/**
 * `--dry-run`: says what would run. Reads the input once, loads the handler to see that it can be; starts nothing and
 * writes nothing.
 */
import { existsSync } from "node:fs";
import type { HandlerModule } from "../handler/handler-module.ts";
import type { Input, InputItem } from "../input/index.ts";
import type { RunSettings } from "../options/run-settings.ts";
import { count, oneLine } from "../progress/status-text.ts";
import { settingsText } from "../report/settings-text.ts";

const shownItems = 5;

/** The text for standard output. @throws {@link CliError} (65) when the input is broken. */
export async function dryRun(
  settings: RunSettings,
  module: HandlerModule,
  input: Input,
  journal: string | undefined,
): Promise<string> {
  const first: InputItem[] = [];
  let items = 0;
  for await (const entry of input.items()) {
    items += 1;
    if (first.length < Math.min(shownItems, settings.limit ?? Infinity)) first.push(entry);
  }
  const taken = Math.min(items, settings.limit ?? Infinity);
  const hooks = [module.setup === undefined ? "" : "setup", module.teardown === undefined ? "" : "teardown"].filter(
    (name) => name !== "",
  );
  const lines = [
    `would run  ${module.name} over ${settings.input}${hooks.length === 0 ? "" : `, with ${hooks.join(" and ")}`}`,
    `items      ${count(items)} (${input.format})${input.duplicates > 0 ? `, ${count(input.duplicates)} duplicate keys left out` : ""}${taken < items ? `, at most ${count(taken)} taken` : ""}`,
    `settings   ${settingsText(settings)}`,
    `journal    ${journalText(settings, journal)}`,
    `results    ${settings.output === undefined ? "in the journal only" : settings.output}`,
    ...first.map((entry) => `item ${entry.key ?? entry.index}: ${oneLine(JSON.stringify(entry.item) ?? "", 160)}`),
  ];
  return `${lines.join("\n")}\n`;
}

function journalText(settings: RunSettings, path: string | undefined): string {
  if (path === undefined) return "none named; needed for standard input";
  if (!existsSync(path)) return `${path}${settings.resume === "require" ? ", which does not exist: refused" : ", new"}`;
  if (settings.fresh) return `${path}, started again`;
  return settings.resume === "never"
    ? `${path}, which exists: refused`
    : `${path}, gone on with: what is done in it is left out`;
}

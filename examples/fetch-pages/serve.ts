/**
 * The server by itself, to play with: `npm run serve -w holdfast-examples -- --seed 7 --count 2000 --port 8080`.
 * Writes `urls.txt` to a temporary folder, prints the command that fetches them, and ends with Ctrl-C.
 */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startServer } from "./server.ts";
import { listUrls, writeUrls } from "./urls.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "7" },
    count: { type: "string", default: "2000" },
    port: { type: "string", default: "0" },
  },
});

const interrupted = Promise.race([once(process, "SIGINT"), once(process, "SIGTERM"), once(process, "SIGHUP")]);
const server = await startServer({ seed: integer("--seed", values.seed), port: integer("--port", values.port) });
const folder = await mkdtemp(join(tmpdir(), "holdfast-pages-"));
const urls = join(folder, "urls.txt");
await writeUrls(urls, listUrls(server.origin, integer("--count", values.count)));

console.log(`serving at ${server.origin}; Ctrl-C ends it and removes ${folder}
in another terminal:
  npx holdfast run examples/fetch-pages/handler.ts ${urls} --concurrency 50 --timeout 2s --retries 6 --output ${join(folder, "pages.ndjson")}`);

await interrupted;
await server.close();
await rm(folder, { recursive: true });
const outcomes = new Map<string, number>();
for (const { behaviour, outcome } of server.visits) {
  const line = `${behaviour.kind}, ${outcome}`;
  outcomes.set(line, (outcomes.get(line) ?? 0) + 1);
}
console.log(`\n${server.visits.length} requests: what the seed ordered, and how it ended`);
for (const [line, times] of [...outcomes].toSorted((a, b) => b[1] - a[1]))
  console.log(`  ${String(times).padStart(6)}  ${line}`);

function integer(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0)
    throw new RangeError(`${option} must be an integer >= 0, got ${JSON.stringify(text)}`);
  return value;
}

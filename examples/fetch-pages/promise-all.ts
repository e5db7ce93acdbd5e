/**
 * The same job the way everyone writes it first: `Promise.all` over all URLs. Instrumented, to say what it does not:
 * how many of its promises had settled when it threw, and what became of the others afterwards.
 *
 * Started by `start.ts` with the list of URLs; tells its parent over the IPC channel, then lives until it is killed,
 * as a server or a longer script would.
 */
import { readFile } from "node:fs/promises";
import fetchPage from "./handler.ts";

/** What has become of the promises so far. */
export interface Tally {
  readonly fulfilled: number;
  readonly rejected: number;
  readonly pending: number;
}

/** The first message is `threw`, sent when `Promise.all` rejects; after it, a `tally` each time a promise settles. */
export type Message =
  | { readonly kind: "threw"; readonly error: string; readonly tally: Tally }
  | { readonly kind: "tally"; readonly tally: Tally };

const [list] = process.argv.slice(2);
if (list === undefined || process.send === undefined)
  throw new Error("promise-all.ts is started by start.ts, with the list of URLs");
const urls = (await readFile(list, "utf8")).trimEnd().split("\n");

let fulfilled = 0;
let rejected = 0;
let threw = false;
const tally = (): Tally => ({ fulfilled, rejected, pending: urls.length - fulfilled - rejected });
const tell = (message: Message): void => void process.send?.(message);
const count = (): void => {
  if (threw) tell({ kind: "tally", tally: tally() });
};

const pages = urls.map((url) => fetchPage(url, { signal: new AbortController().signal }));
for (const page of pages) {
  void page.then(
    () => {
      fulfilled++;
      count();
    },
    () => {
      rejected++;
      count();
    },
  );
}

try {
  await Promise.all(pages);
} catch (error) {
  threw = true;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  tell({ kind: "threw", error: String(cause), tally: tally() });
}

/** The program of the page that `npm run test:runtimes` opens in a browser; the query names the test files. */
import { runFiles } from "./plain-run.ts";

const { search } = Reflect.get(globalThis, "location") as { readonly search: string };

const post = (body: string): Promise<unknown> => fetch("/report", { method: "POST", body });
try {
  await runFiles(new URLSearchParams(search).getAll("file"), post);
} catch (error) {
  // A page has nobody to throw to: a file that does not load is said here, and the missing end does the rest.
  await post(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
}

/**
 * How a worker thread is named: by its number, its name where it was given one, and its module.
 */
import { shortPlace } from "./frame.ts";

/** `worker 2 "resize" (worker.mjs)`. */
export function workerTitle(
  { id, name, url }: { readonly id: number | undefined; readonly name: string; readonly url: string },
  folder: string,
): string {
  // Since Node 24 one without a name is called that.
  const title = name === "" || name === "WorkerThread" ? "" : ` ${JSON.stringify(name)}`;
  const place = shortPlace(url, folder).replaceAll(/[\u0000-\u001F\u007F-\u009F]/gu, "?");
  return `worker ${id ?? "?"}${title}${place === "" ? "" : ` (${place})`}`;
}

/** The list of pages to fetch: `urls.txt`, one URL a line. */
import { writeFile } from "node:fs/promises";

/** `count` URLs below `origin`, always in the same order. */
export function listUrls(origin: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${origin}/pages/${index + 1}`);
}

export async function writeUrls(file: string, urls: readonly string[]): Promise<void> {
  await writeFile(file, `${urls.join("\n")}\n`);
}

/** 3. Many at once, and every error kept: a Result for each, in the order of the input. */
import { settle } from "holdfast";
import type { Context } from "holdfast";

async function fetchUrl(url: string, { sleep }: Context): Promise<string> {
  await sleep(1_000);
  if (url.endsWith("/error")) throw new Error(`Failed to fetch ${url}`);
  return `Content from ${url}`;
}

export async function main(): Promise<void> {
  const urls = ["https://example.com/page1", "https://example.com/error", "https://example.com/page2"];
  const results = await settle(urls.map((url) => (context: Context) => fetchUrl(url, context)));

  const successful = results.flatMap((result) => (result.ok ? [result.value] : []));
  console.log(`Successful: ${successful.length}`);
  for (const content of successful) console.log(`  - ${content}`);

  const errors = results.flatMap((result, index) => (result.ok ? [] : [{ url: urls[index], error: result.error }]));
  console.log(`\nErrors: ${errors.length}`);
  for (const { url, error } of errors)
    console.log(`  - ${url}: ${error instanceof Error ? error.message : String(error)}`);
}

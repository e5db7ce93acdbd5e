/** 1. An async function that throws is caught as any other: `try`, `await`, `catch`. */
import { settle, sleep } from "holdfast";

class InvalidUrlError extends Error {
  override readonly name = "InvalidUrlError";
}

async function fetchData(url: string): Promise<string> {
  await sleep(1_000);
  if (url.includes("invalid")) throw new InvalidUrlError(`Invalid URL: ${url}`);
  return `Data from ${url}`;
}

export async function main(): Promise<void> {
  try {
    const data = await fetchData("https://api.example.com");
    console.log(`Success: ${data}`);
  } catch (error) {
    if (error instanceof InvalidUrlError) console.log(`Error: ${error.message}`);
    else console.log(`Unexpected error: ${String(error)}`);
  }
}

/** The same as a value: for callers who would rather look than catch. */
export async function asResult(url: string): Promise<string> {
  const result = await settle(() => fetchData(url));
  return result.ok ? `Success: ${result.value}` : `Error: ${String(result.error)}`;
}

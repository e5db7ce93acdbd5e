/**
 * Drives the service and counts what it answers.
 *
 *   npm run example:load -- http://127.0.0.1:8080 60000     so many requests
 */
import { fileURLToPath } from "node:url";
import autocannon from "autocannon";

export interface LoadOptions {
  readonly url: string;
  /** Requests in all. */
  readonly amount: number;
  readonly connections: number;
  /** Called with each answer. */
  /** Ends it when the service has gone: until then, connections that are refused are tried again. */
  readonly signal?: AbortSignal | undefined;
  readonly onResponse?: ((status: number, count: number) => void) | undefined;
}

export interface Load {
  /** Answers, by status. */
  readonly answered: Readonly<Record<number, number>>;
  /** Requests that nobody took: refused connections. */
  readonly refused: number;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p99: number;
}

export async function drive({ url, amount, connections, signal, onResponse }: LoadOptions): Promise<Load> {
  const answered: Record<number, number> = {};
  let count = 0;
  const settings = {
    url: `${url}/orders`,
    method: "POST" as const,
    headers: { "content-type": "application/json" },
    // Every tenth order is none.
    requests: Array.from({ length: 10 }, (_, index) => ({
      body: JSON.stringify({ sku: `sku-${index}`, quantity: index === 9 ? 0 : 1 + index }),
    })),
    amount,
    connections,
    timeout: 30,
  };
  const { errors, requests, latency } = await new Promise<autocannon.Result>((resolve, reject) => {
    const run = autocannon(settings, (error: unknown, result) => (error === null ? resolve(result) : reject(error)));
    signal?.addEventListener("abort", () => run.stop(), { once: true });
    run.on("response", (_client, status) => {
      answered[status] = (answered[status] ?? 0) + 1;
      onResponse?.(status, ++count);
    });
  });
  return { answered, refused: errors, perSecond: requests.average, p99: latency.p99 };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [url = "http://127.0.0.1:8080", amount = "60000"] = process.argv.slice(2);
  console.log(await drive({ url, amount: Number(amount), connections: 50 }));
}

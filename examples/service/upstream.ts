/**
 * A price service that misbehaves as the internet does, by a seed: most answers are prices, some are late, some are errors, some never come. It counts what it did.
 */
import { createServer } from "node:http";
import type { Server, ServerResponse } from "node:http";
import { once } from "node:events";

/** Of a hundred requests, how many go how wrong. The rest is answered at once. */
export interface Faults {
  /** 500. */
  readonly errors: number;
  /** 429 with Retry-After: 1. */
  readonly busy: number;
  /** The connection is cut off in the middle. */
  readonly resets: number;
  /** No answer at all. */
  readonly hangs: number;
}

export const FAULTS: Faults = { errors: 10, busy: 2, resets: 3, hangs: 1 };
export const NO_FAULTS: Faults = { errors: 0, busy: 0, resets: 0, hangs: 0 };

export interface Upstream extends AsyncDisposable {
  readonly url: string;
  readonly served: Record<"prices" | keyof Faults, number>;
}

export async function startUpstream(faults: Faults, seed = 1): Promise<Upstream> {
  const served = { prices: 0, errors: 0, busy: 0, resets: 0, hangs: 0 };
  let state = seed;
  const chance = (): number => {
    // A linear congruential generator (Numerical Recipes): the same faults for the same seed.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state / 2 ** 32) * 100;
  };
  const server = createServer((request, response) => {
    const fault = pick(faults, chance());
    served[fault ?? "prices"]++;
    if (fault !== undefined) return misbehave(fault, response);
    const sku = request.url?.split("/").at(-1) ?? "";
    response.setHeader("content-type", "application/json").end(JSON.stringify({ sku, price: 100 + sku.length }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { url: urlOf(server), served, [Symbol.asyncDispose]: () => stop(server) };
}

function pick(faults: Faults, drawn: number): keyof Faults | undefined {
  let below = 0;
  for (const fault of ["errors", "busy", "resets", "hangs"] as const) {
    below += faults[fault];
    if (drawn < below) return fault;
  }
  return undefined;
}

function misbehave(fault: keyof Faults, response: ServerResponse): void {
  switch (fault) {
    case "errors":
      response.writeHead(500).end("no prices today");
      return;
    case "busy":
      response.writeHead(429, { "retry-after": "1" }).end("come back later");
      return;
    case "resets":
      response.writeHead(200, { "content-length": "1000" }).write("{");
      response.destroy();
      return;
    case "hangs":
      return;
  }
}

/** @throws {Error} for a server that does not listen on a port */
export function urlOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server does not listen on a port");
  return `http://127.0.0.1:${address.port}`;
}

async function stop(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}

/**
 * A server on a free loopback port that behaves like the internet: slow answers, 500s, resets, hangs, 429s with
 * Retry-After, pages that are gone. What it does to each request is `behaviourOf(seed, path, attempt)`, where the
 * attempt is its own count of requests for that path. It remembers what it saw, so that a client's claims can be checked.
 *
 * Invariants
 * - Every request is one entry of `visits`, in order of arrival, from the moment its head was read.
 * - A visit's outcome leaves "open" exactly once: when the answer was handed to the system, or the connection is gone.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { Server, ServerResponse } from "node:http";
import { behaviourOf, pageOf } from "./misbehaviour.ts";
import type { Behaviour } from "./misbehaviour.ts";

export interface ServerOptions {
  readonly seed: number;
  /** 0 = any free port, the default. */
  readonly port?: number | undefined;
  /** Multiplies every delay; 0 answers at once, what hangs still hangs. Default 1. */
  readonly slowness?: number | undefined;
}

/** One request as the server saw it. `outcome` is "open" until the server is done with it. */
export interface Visit {
  readonly path: string;
  /** From 1; counts the requests for this path. */
  readonly attempt: number;
  readonly behaviour: Behaviour;
  readonly outcome: "open" | "answered" | "reset by the server" | "aborted by the client";
}

export interface PageServer {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly origin: string;
  /** In order of arrival. Live: it grows, and outcomes change. */
  readonly visits: readonly Visit[];
  /** How many visits are open now. */
  readonly open: () => number;
  /** Resolves when no visit is open and no connection is left, two turns of the event loop in a row. */
  readonly waitForSilence: () => Promise<void>;
  /** Ends every connection and frees the port. */
  readonly close: () => Promise<void>;
}

/** Settles when the server listens. Rejects when the port is taken. */
export async function startServer({ seed, port = 0, slowness = 1 }: ServerOptions): Promise<PageServer> {
  const visits: Visit[] = [];
  const attempts = new Map<string, number>();
  let open = 0;

  const server = createServer((request, response) => {
    const path = request.url ?? "/";
    const attempt = (attempts.get(path) ?? 0) + 1;
    attempts.set(path, attempt);
    const behaviour = behaviourOf(seed, path, attempt);
    const visit: { -readonly [K in keyof Visit]: Visit[K] } = { path, attempt, behaviour, outcome: "open" };
    visits.push(visit);
    open++;
    const timer =
      behaviour.kind === "hang"
        ? undefined
        : setTimeout(() => {
            if (behaviour.kind === "reset") visit.outcome = "reset by the server";
            send(response, behaviour, pageOf(seed, path).html);
          }, behaviour.delay * slowness);
    response.once("close", () => {
      clearTimeout(timer);
      open--;
      if (visit.outcome === "open") visit.outcome = response.writableFinished ? "answered" : "aborted by the client";
    });
  });
  // A client that keeps its connection must not meet a reset that the seed did not order.
  server.keepAliveTimeout = 120_000;
  server.listen({ port, host: "127.0.0.1", backlog: 4_096 });
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string")
    throw new Error(`expected a TCP address, got ${String(address)}`);

  return {
    origin: `http://127.0.0.1:${address.port}`,
    visits,
    open: () => open,
    waitForSilence: async () => {
      for (let quiet = 0; quiet < 2;) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        quiet = open === 0 && (await connectionsOf(server)) === 0 ? quiet + 1 : 0;
      }
    },
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function send(response: ServerResponse, behaviour: Exclude<Behaviour, { kind: "hang" }>, html: string): void {
  switch (behaviour.kind) {
    case "page":
      response
        .writeHead(200, { "content-type": "text/html; charset=utf-8", "content-length": Buffer.byteLength(html) })
        .end(html);
      return;
    case "busy":
      response
        .writeHead(behaviour.status, { "retry-after": String(behaviour.retryAfterSeconds) })
        .end("try again later\n");
      return;
    case "gone":
    case "error":
      response.writeHead(behaviour.status).end("sorry\n");
      return;
    case "reset":
      if (!behaviour.midway) return void response.socket?.resetAndDestroy();
      // Half the page first, so that the client has seen a 200 when the connection breaks.
      response.writeHead(200, {
        "content-type": "text/html; charset=utf-8",
        "content-length": Buffer.byteLength(html),
      });
      response.write(html.slice(0, html.length / 2), () => response.socket?.resetAndDestroy());
  }
}

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve, reject) =>
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
  );
}

/**
 * A server of node:http or node:https as a part of a shutdown.
 *
 *   open ──announce──▶ last requests ──intake──▶ not accepting ──drain──▶ quiet ──close──▶ closed
 *
 * A server that merely stops listening has its connections for as long as their clients like, and one that closes the idle ones at once loses the requests that
 * are on their way in. So from `announce` on each response says that it is the last one of its connection, and what has been silent for a while is closed.
 *
 * Invariants
 * - HTTP-1: every request that was accepted is answered, within the limit of the phase drain.
 * - HTTP-2: after `close` no connection is left, upgraded ones included.
 */
import { Server } from "node:net";
import { abortable, type Context } from "../core/index.ts";
import { checkDuration, now } from "../core/lowlevel.ts";
import { durationText } from "./format-error-facts.ts";
import type { ShutdownPart } from "./shutdown.ts";

interface ServerRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
}

interface ServerResponse {
  readonly headersSent: boolean;
  setHeader(name: string, value: string): unknown;
  once(event: "close", listener: () => void): unknown;
}

interface ServerSocket {
  destroy(): unknown;
  once(event: "close", listener: () => void): unknown;
}

/** So much of `http.Server` and `https.Server` as is needed. */
export interface ClosableServer {
  prependListener(event: "request", listener: (request: ServerRequest, response: ServerResponse) => void): unknown;
  on(event: "connection", listener: (socket: ServerSocket) => void): unknown;
  once(event: "close", listener: () => void): unknown;
  close(done?: () => void): unknown;
  closeAllConnections(): void;
}

export interface HttpServerOptions {
  /** In errors. Default "http". */
  readonly name?: string | undefined;
  /** Milliseconds without a request after which those that are still connected are taken to have none on its way. Default 250. */
  readonly linger?: number | undefined;
}

interface InFlight {
  readonly what: string;
  readonly since: number;
}

/**
 * `server` as a part of a shutdown. Call it before the server listens: requests are counted from then on.
 *
 * - announce: each response that has not begun, and each later one, says `Connection: close`, so that busy connections end by themselves.
 * - intake: the server stops listening. Connections stay, since a request may be on its way.
 * - drain: waits until no request has been in flight for `linger` milliseconds, then closes all connections. When its time is over it closes them at once, and
 *   fails by the name of the requests that were cut off.
 * - close: what is left, like WebSockets, is destroyed.
 *
 * @throws {RangeError | TypeError} for what is no server, and for a linger that can't be
 */
export function httpServer(server: ClosableServer, options: HttpServerOptions = {}): ShutdownPart {
  const { name = "http", linger = 250 } = options;
  if (typeof Object(server).closeAllConnections !== "function")
    throw new TypeError(`httpServer takes a server of node:http or node:https, got ${typeof server}`);
  checkDuration("linger", linger, 0, "httpServer");
  const inFlight = new Map<ServerResponse, InFlight>();
  const sockets = new Set<ServerSocket>();
  let accepted = 0;
  let isLast = false;
  let cutOff: readonly string[] | undefined;
  let wake = (): void => {};

  // Before the program's own listener, which may answer at once.
  server.prependListener("request", (request, response) => {
    accepted += 1;
    inFlight.set(response, { what: `${request.method} ${request.url}`, since: now() });
    response.once("close", () => {
      inFlight.delete(response);
      if (inFlight.size === 0) wake();
    });
    if (isLast) sayLast(response);
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => void sockets.delete(socket));
  });
  const closed = new Promise<void>((resolve) => server.once("close", resolve));

  const describe = (): string[] =>
    [...inFlight.values()].map(({ what, since }) => `${what} (${durationText(now() - since)})`);

  /** Settles when no request is in flight, or when `signal` aborts. */
  const answered = (signal: AbortSignal): Promise<void> =>
    abortable(
      new Promise<void>((resolve) => {
        wake = resolve;
        if (inFlight.size === 0) resolve();
      }),
      { signal },
    );

  return {
    name,
    waitingFor: () => cutOff ?? describe(),
    announce: () => {
      isLast = true;
      for (const response of inFlight.keys()) sayLast(response);
    },
    // That of node:net: that of node:http closes idle connections as well, and with them requests that have not been read yet.
    intake: () => void (server instanceof Server ? Server.prototype.close.call(server) : server.close()),
    drain: async ({ signal, sleep }: Context) => {
      try {
        for (let seen = -1; seen !== accepted || inFlight.size > 0;) {
          await answered(signal);
          seen = accepted;
          await sleep(linger);
          // A turn in which the host reads what came while it was too busy for it.
          await sleep(1);
        }
      } catch (error) {
        cutOff = describe();
        throw error;
      } finally {
        server.closeAllConnections();
      }
    },
    close: async () => {
      // That of node:http, for what it does beside; that it does not listen any more is no error.
      server.close(() => {});
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function sayLast(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader("connection", "close");
}

/**
 * What a process tells those who ask whether it lives, and whether to send it work.
 *
 * Invariants
 * - HEALTH-1: once it was told to stop it is not ready any more, whatever is set later.
 */
import type { ShutdownPart } from "./shutdown.ts";

/** So much of a request as is needed: `http.IncomingMessage`, and what is built like it. */
export interface HealthRequest {
  readonly url?: string | undefined;
  readonly method?: string | undefined;
}

/** So much of a response as is needed: `http.ServerResponse`, and what is built like it. */
export interface HealthResponse {
  writeHead(status: number, headers: Readonly<Record<string, string>>): unknown;
  end(body: string): unknown;
}

export interface HealthOptions {
  /** Default "/healthz". */
  readonly livePath?: string | undefined;
  /** Default "/readyz". */
  readonly readyPath?: string | undefined;
}

/** State to set, and answers to give. Also a part of a shutdown, whose first phase makes it not ready. */
export interface Health extends ShutdownPart {
  /** false: this process should be restarted. Default true. */
  live: boolean;
  /** true: work may be sent here. Default false: say so when you listen. Can't be set to true once the shutdown has begun. */
  ready: boolean;
  /** What to say to a GET or HEAD of `url`: 200 or 503; undefined for any other path. The query does not count. */
  readonly answer: (url: string) => { readonly status: 200 | 503; readonly body: string } | undefined;
  /** Answers, and returns true; false, with nothing done, for any other path or method. */
  readonly handle: (request: HealthRequest, response: HealthResponse) => boolean;
}

/** State of liveness and readiness, and the answers for those who ask. @throws {TypeError} for paths that don't begin with a slash */
export function health(options: HealthOptions = {}): Health {
  const { livePath = "/healthz", readyPath = "/readyz" } = options;
  for (const [name, path] of Object.entries({ livePath, readyPath }))
    if (typeof path !== "string" || !path.startsWith("/"))
      throw new TypeError(`health: ${name} must begin with a slash, got ${JSON.stringify(path)}`);
  let isReady = false;
  let isStopping = false;
  const state: Health = {
    name: "health",
    live: true,
    get ready() {
      return isReady && !isStopping;
    },
    set ready(value) {
      isReady = value;
    },
    announce: () => {
      isStopping = true;
    },
    answer: (url) => {
      const path = url.split("?", 1)[0];
      if (path === livePath) return state.live ? { status: 200, body: "live" } : { status: 503, body: "not live" };
      if (path !== readyPath) return undefined;
      if (state.ready) return { status: 200, body: "ready" };
      return { status: 503, body: isStopping ? "stopping" : "not ready" };
    },
    handle: ({ url = "", method }, response) => {
      const answer = method === "GET" || method === "HEAD" ? state.answer(url) : undefined;
      if (answer === undefined) return false;
      response.writeHead(answer.status, { "content-type": "text/plain", "cache-control": "no-store" });
      response.end(answer.body);
      return true;
    },
  };
  return state;
}

/** What a process says about itself. */
import { createServer } from "node:http";
import { once } from "node:events";
import { gracefulShutdown, health, type HealthRequest } from "holdfast/lifecycle";
import { describe, expect, test } from "../harness.ts";

/** A response that remembers. */
class Response {
  readonly told: unknown[] = [];
  writeHead(status: number, headers: Readonly<Record<string, string>>): void {
    this.told.push(status, headers);
  }
  end(body: string): void {
    this.told.push(body);
  }
}

const headers = { "content-type": "text/plain", "cache-control": "no-store" };

describe("readiness", () => {
  test("is false until it is said, and then as it is said", () => {
    const state = health();
    const seen = [state.answer("/readyz")];
    state.ready = true;
    seen.push(state.answer("/readyz"));
    state.ready = false;
    seen.push(state.answer("/readyz"));
    expect(seen).toEqual([
      { status: 503, body: "not ready" },
      { status: 200, body: "ready" },
      { status: 503, body: "not ready" },
    ]);
  });

  test("HEALTH-1: is over when the shutdown begins, whatever is set later", async () => {
    const state = health();
    state.ready = true;
    const shutdown = gracefulShutdown();
    shutdown.add(state);
    await shutdown.run();
    const seen = [state.ready, state.answer("/readyz")];
    state.ready = true;
    seen.push(state.ready, state.answer("/readyz"));
    const stopping = { status: 503, body: "stopping" };
    expect(seen).toEqual([false, stopping, false, stopping]);
  });
});

describe("liveness", () => {
  test("is true unless it is said, and does not end with the shutdown", async () => {
    const state = health();
    const shutdown = gracefulShutdown();
    shutdown.add(state);
    await shutdown.run();
    const seen = [state.answer("/healthz")];
    state.live = false;
    seen.push(state.answer("/healthz"));
    expect(seen).toEqual([
      { status: 200, body: "live" },
      { status: 503, body: "not live" },
    ]);
  });
});

describe("the answers", () => {
  const asked = (request: HealthRequest): unknown[] => {
    const response = new Response();
    return [health({ livePath: "/live", readyPath: "/ready" }).handle(request, response), ...response.told];
  };

  test("are given at the paths that were asked for, with any query, to GET and HEAD", () => {
    expect(asked({ method: "GET", url: "/live" })).toEqual([true, 200, headers, "live"]);
    expect(asked({ method: "HEAD", url: "/ready?from=probe" })).toEqual([true, 503, headers, "not ready"]);
  });

  test("are left to others for every other path and method, and nothing is done", () => {
    expect(asked({ method: "POST", url: "/live" })).toEqual([false]);
    expect(asked({ method: "GET", url: "/live/" })).toEqual([false]);
    expect(asked({ method: "GET", url: "/healthz" })).toEqual([false]);
    expect(asked({})).toEqual([false]);
  });

  test("are those of a server of node:http", async () => {
    const state = health();
    const server = createServer((request, response) => {
      if (!state.handle(request, response)) response.writeHead(404).end();
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    // Holds: it listens on TCP, and an address is an object then.
    const { port } = server.address() as { port: number };
    const ask = async (path: string): Promise<unknown[]> => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: "close" } });
      return [response.status, response.headers.get("cache-control"), await response.text()];
    };
    const seen = [await ask("/healthz"), await ask("/readyz"), await ask("/")];
    const closed = once(server, "close");
    server.close();
    await closed;
    expect(seen).toEqual([
      [200, "no-store", "live"],
      [503, "no-store", "not ready"],
      [404, null, ""],
    ]);
  });

  test("can't be at a path without a slash", () => {
    expect(() => health({ readyPath: "ready" })).toThrow(
      new TypeError('health: readyPath must begin with a slash, got "ready"'),
    );
  });
});

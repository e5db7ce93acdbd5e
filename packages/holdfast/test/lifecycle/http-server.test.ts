/** A server that ends: real sockets, in the real time that they take. */
import { Agent, createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { ErrorGroup } from "holdfast";
import {
  type ClosableServer,
  gracefulShutdown,
  httpServer,
  type Shutdown,
  type ShutdownOptions,
  type ShutdownPart,
} from "holdfast/lifecycle";
import { useFakeClock } from "../clock/fake-clock.ts";
import { errorOf, Gate } from "../core/outcome.ts";
import { afterEach, beforeEach, describe, expect, test } from "../harness.ts";

/** Long enough for what is on its way within a machine, short enough for a test. */
const linger = 50;

let server: Server;
let agent: Agent;
/** The requests that wait for the test, by their paths. */
let waiting: Map<string, Gate<ServerResponse>>;

beforeEach(() => {
  agent = new Agent({ keepAlive: true });
  waiting = new Map();
});
afterEach(() => {
  agent.destroy();
  server.close();
  server.closeAllConnections();
});

/** Starts a server that answers every path of `/now…` at once, and gives the others to the test. */
async function listen(options?: ShutdownOptions): Promise<Shutdown> {
  server = createServer((message, response) => {
    if (message.url?.startsWith("/now") === true) response.end("done");
    else taken(String(message.url)).open(response);
  });
  const shutdown = gracefulShutdown(options);
  shutdown.add(httpServer(server, { linger }));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return shutdown;
}

/** The response of the request for `path`, when it has come. */
function taken(path: string): Gate<ServerResponse> {
  const gate = waiting.get(path) ?? new Gate<ServerResponse>();
  waiting.set(path, gate);
  return gate;
}

function port(): number {
  // Holds: it listens on TCP, and an address is an object then.
  return (server.address() as { port: number }).port;
}

interface Answer {
  readonly status: number | undefined;
  readonly connection: string | undefined;
  readonly body: string;
}

/** Asks over a connection that is kept. */
async function ask(path: string, to: number = port()): Promise<Answer> {
  const sent = request({ path, port: to, host: "127.0.0.1", agent });
  sent.end();
  // Holds: that is what the event brings.
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  return { status: response.statusCode, connection: response.headers.connection, body: await text(response) };
}

/** What a raw connection was sent, when the server has closed it. */
async function received(socket: Socket): Promise<string> {
  socket.on("error", () => {});
  let all = "";
  socket.on("data", (chunk: Buffer) => (all += String(chunk)));
  await once(socket, "close");
  return all;
}

/** What a shutdown has thrown, without ages. */
async function messagesOf(shutdown: Shutdown): Promise<string[]> {
  const error = await errorOf(shutdown.run());
  if (!(error instanceof ErrorGroup)) throw error;
  return error.errors.map((one) => (one as Error).message.replaceAll(/\([^)]*\)/gu, "(…)"));
}

describe("a server that is told to stop", () => {
  test("HTTP-1: answers what it has accepted, and says that the connection ends with it", async () => {
    const shutdown = await listen();
    const asked = [ask("/a"), ask("/b")];
    const responses = [await taken("/a").promise, await taken("/b").promise];
    const running = shutdown.run();
    for (const response of responses) response.end("late");
    const last = { status: 200, connection: "close", body: "late" };
    expect(await Promise.all(asked)).toEqual([last, last]);
    await running;
    expect([shutdown.state, server.listening]).toEqual(["stopped", false]);
  });

  test("HTTP-1: answers a request whose body is still on its way", async () => {
    server = createServer((message, response) => void text(message).then((body) => response.end(`got ${body}`)));
    const shutdown = gracefulShutdown();
    shutdown.add(httpServer(server, { linger }));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const sent = request({ port: port(), host: "127.0.0.1", agent, method: "POST" });
    sent.write("one ");
    await once(server, "request");
    shutdown.add({ name: "client", drain: () => void sent.end("two") });
    const running = shutdown.run();
    // Holds: that is what the event brings.
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    expect(await text(response)).toBe("got one two");
    await running;
  });

  test("HTTP-1: answers what comes over a connection that was kept, when it has stopped listening already", async () => {
    const shutdown = await listen();
    const before = await ask("/now");
    const to = port();
    let during: Answer | undefined;
    shutdown.add({
      name: "client",
      intake: async () => {
        during = await ask("/now", to);
      },
    });
    await shutdown.run();
    expect([before.connection, during]).toEqual(["keep-alive", { status: 200, connection: "close", body: "done" }]);
  });

  test("goes on listening while it is announced, and refuses after it", async () => {
    const shutdown = await listen();
    const to = port();
    const seen: unknown[] = [];
    shutdown.add({
      name: "client",
      announce: async () => {
        seen.push(await ask("/now", to));
      },
      drain: async () => {
        const socket = connect(to, "127.0.0.1");
        const [error] = await once(socket, "error").catch((thrown: unknown) => [thrown]);
        seen.push(Object(error).code);
      },
    });
    await shutdown.run();
    expect(seen).toEqual([{ status: 200, connection: "close", body: "done" }, "ECONNREFUSED"]);
  });

  test("closes connections that are idle, and those that have never asked", async () => {
    const shutdown = await listen();
    const silent = connect(port(), "127.0.0.1");
    const idle = connect(port(), "127.0.0.1");
    const ended = Promise.all([received(silent), received(idle)]);
    idle.write("GET /now HTTP/1.1\r\nhost: x\r\n\r\n");
    await once(idle, "data");
    await shutdown.run();
    const [nothing, answer] = await ended;
    expect([nothing, /^connection: .*$/imu.exec(answer)?.[0]]).toEqual(["", "Connection: keep-alive"]);
  });

  test("lets a response that has begun come to its end", async () => {
    const shutdown = await listen();
    const asked = ask("/stream");
    const response = await taken("/stream").promise;
    response.writeHead(200).write("first ");
    const running = shutdown.run();
    response.end("last");
    expect((await asked).body).toBe("first last");
    await running;
  });

  test("cuts off what is not answered in time, and names it", async () => {
    const shutdown = await listen({ limits: { drain: 100 } });
    const [first, second] = [errorOf(ask("/slow?id=1")), errorOf(ask("/slow?id=2"))];
    await taken("/slow?id=1").promise;
    await taken("/slow?id=2").promise;
    expect(await messagesOf(shutdown)).toEqual([
      'shutdown: "http" was cut short in phase drain after 100 ms, waiting for GET /slow?id=1 (…), GET /slow?id=2 (…)',
    ]);
    expect([await first, await second]).toMatchObject([{ code: "ECONNRESET" }, { code: "ECONNRESET" }]);
  });

  test("names what it cut off also when a drain of the program's own goes on after it", async () => {
    const gone = new Gate();
    server = createServer((_, response) => void response.once("close", () => gone.open()));
    const http = httpServer(server, { linger });
    const shutdown = gracefulShutdown({ limits: { drain: 50 } });
    const drain: ShutdownPart["drain"] = async (context) => {
      try {
        await http.drain?.(context);
      } finally {
        await gone.promise;
      }
    };
    shutdown.add({ ...http, drain });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const failed = errorOf(ask("/slow"));
    await once(server, "request");
    expect(await messagesOf(shutdown)).toEqual([
      'shutdown: "http" was cut short in phase drain after 50 ms, waiting for GET /slow (…)',
    ]);
    await failed;
  });

  test("does not wait for a request whose client has gone away", async () => {
    const shutdown = await listen();
    const socket = connect(port(), "127.0.0.1");
    socket.write("GET /gone HTTP/1.1\r\nhost: x\r\n\r\n");
    const response = await taken("/gone").promise;
    const closed = once(response, "close");
    socket.destroy();
    await closed;
    await shutdown.run();
    expect(shutdown.state).toBe("stopped");
  });

  test("HTTP-2: ends connections that were upgraded, when it closes and not before", async () => {
    const shutdown = await listen();
    server.on("upgrade", (_, socket) => void socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\n"));
    const socket = connect(port(), "127.0.0.1");
    const ended = received(socket);
    socket.write("GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: chat\r\n\r\n");
    await once(socket, "data");
    let beforeClose: boolean | undefined;
    shutdown.add({ name: "chat", close: () => void (beforeClose = socket.destroyed) });
    await shutdown.run();
    await ended;
    expect([beforeClose, await connectionsOf(server)]).toEqual([false, 0]);
  });

  test("may never have listened, or be closed already", async () => {
    for (const isUsed of [false, true]) {
      const shutdown = await listen();
      if (isUsed) await ask("/now");
      const closed = once(server, "close");
      server.close();
      await closed;
      await shutdown.run();
      expect(shutdown.state).toBe("stopped");
    }
    const shutdown = gracefulShutdown();
    shutdown.add(httpServer(createServer(), { linger }));
    await shutdown.run();
    expect(shutdown.state).toBe("stopped");
  });
});

function connectionsOf(of: Server): Promise<number> {
  return new Promise((resolve, reject) =>
    of.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
  );
}

describe("a kept connection", () => {
  const clock = useFakeClock();

  test("HTTP-1: has the linger for requests that are on their way, anew after each", async () => {
    const shutdown = await listen();
    const to = port();
    const before = await ask("/now");
    const running = shutdown.run();
    await clock.advanceBy(linger - 1);
    expect(shutdown.state).toBe("drain");
    const during = await ask("/now?late", to);
    await clock.advanceBy(linger - 1);
    expect(shutdown.state).toBe("drain");
    await clock.advanceUntilIdle();
    await running;
    expect([before.connection, during.connection, clock.now()]).toEqual(["keep-alive", "close", 2 * (linger + 1)]);
  });
});

describe("what httpServer refuses", () => {
  test("what is no server of http, and a linger that can't be", () => {
    // Holds: what JavaScript may pass.
    expect(() => httpServer({} as ClosableServer)).toThrow(
      new TypeError("httpServer takes a server of node:http or node:https, got object"),
    );
    expect(() => httpServer(createServer(), { linger: -1 })).toThrow(
      new RangeError("httpServer: linger must be a number of milliseconds >= 0 or Infinity, got -1 (number)"),
    );
  });
});

/** The signal of a request, with clients that stay and clients that go. */
import { createServer, get, type Server, type ServerResponse } from "node:http";
import { once } from "node:events";
import { isCancellation, sleep } from "holdfast";
import { clientSignal, type ClosableResponse } from "holdfast/lifecycle";
import { errorOf, Gate } from "../core/outcome.ts";
import { afterEach, beforeEach, describe, expect, test } from "../harness.ts";

let server: Server;
let responses: Gate<ServerResponse>;

beforeEach(async () => {
  responses = new Gate();
  server = createServer((_, response) => responses.open(response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterEach(async () => {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
});

/** A request, and the function that lets its client go away. */
function ask(): () => void {
  // Holds: it listens on TCP, and an address is an object then.
  const { port } = server.address() as { port: number };
  const request = get({ port, host: "127.0.0.1" }, (response) => response.resume());
  request.on("error", () => {});
  return () => void request.destroy();
}

describe("the signal of a request", () => {
  test("aborts when the client goes away before it has its answer, and ends what is made for it", async () => {
    const leave = ask();
    const signal = clientSignal(await responses.promise);
    const making = errorOf(sleep(Infinity, { signal }));
    leave();
    const error = await making;
    expect([error === signal.reason, isCancellation(error, signal)]).toEqual([true, true]);
    expect(signal.reason).toMatchObject({
      name: "AbortError",
      message: "the client closed the connection before the response was finished",
    });
  });

  test("does not abort when the client has its answer", async () => {
    ask();
    const response = await responses.promise;
    const signal = clientSignal(response);
    const closed = once(response, "close");
    response.end("done");
    await closed;
    expect(signal.aborted).toBe(false);
  });

  test("is aborted from the start when the client has gone before", async () => {
    const leave = ask();
    const response = await responses.promise;
    const closed = once(response, "close");
    leave();
    await closed;
    expect(clientSignal(response).aborted).toBe(true);
  });

  test("is not aborted from the start when all has been sent before", async () => {
    ask();
    const response = await responses.promise;
    const closed = once(response, "close");
    response.end("done");
    await closed;
    expect(clientSignal(response).aborted).toBe(false);
  });

  test("costs one listener, which is gone with the response", async () => {
    const leave = ask();
    const response = await responses.promise;
    const before = response.listenerCount("close");
    clientSignal(response);
    expect(response.listenerCount("close")).toBe(before + 1);
    const closed = once(response, "close");
    leave();
    await closed;
    expect(response.listenerCount("close")).toBe(before);
  });

  for (const [given, got] of [
    [undefined, "undefined"],
    [null, "null"],
    [{ once: () => {} }, "object"],
  ] as const)
    test(`is refused for ${got}`, () => {
      // Holds: what JavaScript may pass.
      expect(() => clientSignal(given as unknown as ClosableResponse)).toThrow(
        new TypeError(`clientSignal takes a server's response, got ${got}`),
      );
    });
});

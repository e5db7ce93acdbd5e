import { once } from "node:events";
import { connect } from "node:net";
import { behaviourOf, pageOf } from "../fetch-pages/misbehaviour.ts";
import type { Behaviour } from "../fetch-pages/misbehaviour.ts";
import { startServer } from "../fetch-pages/server.ts";
import type { PageServer } from "../fetch-pages/server.ts";
import { expect, test } from "../../packages/holdfast/test/harness.ts";
import type { TestContext } from "../../packages/holdfast/test/harness.ts";

const seed = 7;

/** A server that answers without its delays, closed after the test. */
async function serve({ onTestFinished }: TestContext): Promise<PageServer> {
  const server = await startServer({ seed, slowness: 0 });
  onTestFinished(() => server.close());
  return server;
}

/** The first path whose first two requests meet what `wanted` describes. */
function pathTo(wanted: (first: Behaviour, second: Behaviour) => boolean): string {
  for (let page = 1; page < 10_000; page++) {
    const path = `/pages/${page}`;
    if (wanted(behaviourOf(seed, path, 1), behaviourOf(seed, path, 2))) return path;
  }
  throw new Error("no page of this seed behaves like that");
}

/** Turns of the event loop, until what another connection does has reached the server. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

/** What a client gets, in one line. */
async function get(server: PageServer, path: string): Promise<string> {
  const response = await fetch(server.origin + path).catch(() => undefined);
  if (response === undefined) return "broken";
  const body = await response.text().catch(() => undefined);
  if (body === undefined) return `${response.status}, then broken`;
  if (response.ok) return body === pageOf(seed, path).html ? "200, the page" : "200, another page";
  return `${response.status}, retry-after ${response.headers.get("retry-after") ?? "not given"}`;
}

test("the answers of a server are those that its seed orders, attempt by attempt", async (context) => {
  const server = await serve(context);
  const path = pathTo((first, second) => first.kind === "error" && first.status === 502 && second.kind === "page");
  expect([await get(server, path), await get(server, path)]).toEqual(["502, retry-after not given", "200, the page"]);
  await until(() => server.open() === 0);
  expect(server.visits.map(({ attempt, behaviour, outcome }) => [attempt, behaviour.kind, outcome])).toEqual([
    [1, "error", "answered"],
    [2, "page", "answered"],
  ]);
});

test("two servers of one seed answer every request alike, whatever the order", async (context) => {
  const first = await serve(context);
  const second = await serve(context);
  const paths = Array.from({ length: 100 }, (_, index) => `/pages/${index + 1}`).filter(
    (path) => behaviourOf(seed, path, 1).kind !== "hang",
  );
  const answers = await Promise.all(paths.map((path) => get(first, path)));
  const reversed = await Promise.all(paths.toReversed().map((path) => get(second, path)));
  expect(reversed.toReversed()).toEqual(answers);
});

test("a busy answer says in Retry-After how many seconds to wait", async (context) => {
  const server = await serve(context);
  const path = pathTo((behaviour) => behaviour.kind === "busy" && behaviour.status === 429);
  expect(await get(server, path)).toBe("429, retry-after 1");
});

test("a page that is gone answers 404", async (context) => {
  const server = await serve(context);
  const path = pathTo((behaviour) => behaviour.kind === "gone" && behaviour.status === 404);
  expect(await get(server, path)).toBe("404, retry-after not given");
});

for (const midway of [false, true]) {
  test(`a reset ${midway ? "in the middle of a page" : "instead of an answer"} is a broken connection, counted as the server's doing`, async (context) => {
    const server = await serve(context);
    const path = pathTo((behaviour) => behaviour.kind === "reset" && behaviour.midway === midway);
    expect(await get(server, path)).toBe(midway ? "200, then broken" : "broken");
    expect(server.visits.map(({ outcome }) => outcome)).toEqual(["reset by the server"]);
  });
}

test("a request that hangs stays open until its client gives up, and is counted as aborted by it", async (context) => {
  const server = await serve(context);
  const path = pathTo((behaviour) => behaviour.kind === "hang");
  const client = connect({ port: Number(new URL(server.origin).port), host: "127.0.0.1" });
  await once(client, "connect");
  client.write(`GET ${path} HTTP/1.1\r\nhost: here\r\n\r\n`);
  await until(() => server.visits.length > 0);
  expect([server.open(), server.visits[0]?.outcome]).toEqual([1, "open"]);
  client.destroy();
  await server.waitForSilence();
  expect([server.open(), server.visits[0]?.outcome]).toEqual([0, "aborted by the client"]);
});

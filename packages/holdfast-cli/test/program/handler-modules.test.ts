/** What a handler module may be written in, and what its functions are given. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "../harness.ts";
import { Workplace } from "./holdfast-process.ts";

let place: Workplace;
beforeEach(() => {
  place = new Workplace();
  place.write("two.ndjson", '{"id":"a"}\n{"id":"b"}\n');
});
afterEach(() => place.remove());

describe("TypeScript runs with no build step", () => {
  const source = `import { double } from "./double.js";
enum Unit { Piece = 2 }
class Handler { constructor(private readonly unit: Unit) {} run(id: string): string { return double(id).repeat(this.unit); } }
export default async (item: { id: string }): Promise<string> => {
  const { suffix } = await import("./suffix");
  return new Handler(Unit.Piece).run(item.id) + suffix;
};`;
  for (const [type, manifest] of [
    ["no package.json", undefined],
    ["a module package", '{"type":"module"}'],
    ["a CommonJS package", '{"type":"commonjs"}'],
  ] as const) {
    test(`with enums, imports without an ending and import() in it, in ${type}`, async () => {
      if (manifest !== undefined) place.write("package.json", manifest);
      place.write("handler.ts", source);
      place.write("double.ts", "export const double = (text: string): string => text + text;");
      place.write("suffix.ts", "export const suffix: string = '!';");
      const ended = await place.run(["run", "handler.ts", "two.ndjson", "--output", "out", "-j", "1"]);
      expect([ended.code, place.ndjson("out")]).toEqual([0, ["aaaa!", "bbbb!"]]);
    });
  }

  test("and its errors name file and line", async () => {
    place.write(
      "handler.ts",
      "interface Item {\n  id: string;\n}\nexport default (item: Item): never => {\n  throw new Error(`no ${item.id}`);\n};\n",
    );
    await place.run(["run", "handler.ts", "two.ndjson", "--retries", "0"]);
    const { DatabaseSync } = await import("@photostructure/sqlite");
    const journal = new DatabaseSync(`${place.path}/two.ndjson.holdfast.db`, { readOnly: true });
    const row: unknown = journal.prepare("select stack from attempt limit 1").get();
    journal.close();
    expect(String(Object(row).stack)).toMatch(/handler\.ts:5:9/);
  });

  test("and a syntax error in it is refused with 78, file and line", async () => {
    place.write("handler.ts", "export default (item: ) => item;");
    const ended = await place.run(["run", "handler.ts", "two.ndjson"]);
    expect([ended.code, ended.stderr]).toEqual([78, expect.stringMatching(/handler\.ts:1:\d+/)]);
  });
});

test("a CommonJS handler runs", async () => {
  place.write("handler.cjs", "exports.default = (item) => item.id; exports.setup = () => 1;");
  const ended = await place.run(["run", "handler.cjs", "two.ndjson", "--output", "out", "-j", "1"]);
  expect([ended.code, place.ndjson("out")]).toEqual([0, ["a", "b"]]);
});

test("the context has attempt, key, index, signals, and what setup returned; teardown gets it too", async () => {
  place.write(
    "handler.mjs",
    `export const setup = ({ log, signal, stopping }) => { log("setup", signal.aborted, stopping.aborted); return { name: "pool" }; };
    export const teardown = (shared, { log }) => log("teardown", shared.name);
    export default (item, { attempt, retriesLeft, previousError, key, index, signal, stopping, shared, timeLeft, cancelled }) => {
      if (attempt === 1) throw new Error("first");
      return { attempt, retriesLeft, previous: previousError.message, key, index, signal: signal.aborted, stopping: stopping.aborted, shared, timed: timeLeft <= 60_000, cancelled };
    };`,
  );
  const ended = await place.run([
    "run",
    "handler.mjs",
    "two.ndjson",
    "--key",
    "id",
    "-o",
    "out",
    "-j",
    "1",
    "--backoff",
    "none",
    "--timeout",
    "1m",
  ]);
  const same = {
    attempt: 2,
    retriesLeft: 3,
    previous: "first",
    signal: false,
    stopping: false,
    shared: { name: "pool" },
    timed: true,
    cancelled: false,
  };
  expect(place.ndjson("out")).toEqual([
    { ...same, key: "a", index: 0 },
    { ...same, key: "b", index: 1 },
  ]);
  expect(ended.stderr).toMatch(/^setup false false\n[^]*\nteardown pool\n/);
});

test("a Response of 429 or 503, thrown or returned, is tried again after its Retry-After", async () => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    const again = seen.includes(request.url ?? "");
    seen.push(request.url ?? "");
    if (!again) response.setHeader("retry-after", "0");
    response.statusCode = again ? 200 : request.url === "/a" ? 429 : 503;
    response.end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // Listening on a TCP port, so its address is one.
  const { port } = server.address() as AddressInfo;
  place.write(
    "handler.mjs",
    `export default async (item, { signal, attempt }) => {
      const response = await fetch("http://127.0.0.1:${port}/" + item.id, { signal });
      if (response.ok) return attempt;
      if (item.id === "a") throw response;
      return response;
    };`,
  );
  // A backoff of an hour: only the server's word makes this end.
  const ended = await place.summary(["run", "handler.mjs", "two.ndjson", "--backoff", "fixed:1h", "--output", "out"]);
  server.close();
  expect(ended).toMatchObject({ code: 0, summary: { succeeded: 2, failedAttempts: { count: 2 } } });
  expect(place.ndjson("out")).toEqual([2, 2]);
});

test("an error's own retryAfter, in milliseconds, is waited for instead of the backoff", async () => {
  place.write(
    "handler.mjs",
    "export default (item, { attempt }) => { if (attempt === 1) throw Object.assign(new Error('busy'), { retryAfter: 1 }); return attempt; };",
  );
  expect(await place.summary(["run", "handler.mjs", "two.ndjson", "--backoff", "fixed:1h"])).toMatchObject({
    code: 0,
    summary: { succeeded: 2 },
  });
});

/** The order service under load, with an upstream that fails, and told to stop in the middle of it. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Orders } from "../service/database.ts";
import { drive } from "../service/load.ts";
import type { Load } from "../service/load.ts";
import { FAULTS, startUpstream } from "../service/upstream.ts";
import { afterEach, beforeEach, expect, test } from "../../packages/holdfast/test/harness.ts";

/** A line of the service's log. */
type Line = Readonly<Record<string, unknown>> & { readonly msg: string };

interface Service {
  readonly child: ChildProcess;
  readonly lines: Line[];
  readonly stderr: string[];
  readonly ended: Promise<unknown>;
  readonly url: string;
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-service-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function start(upstream: string, delay = 0): Promise<Service> {
  const child = spawn(process.execPath, ["--import", "./start/typescript.mjs", "service/service.ts"], {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    env: { ...process.env, UPSTREAM: upstream, DATABASE: join(folder, "orders.db"), DELAY: String(delay) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(child, "close");
  const lines: Line[] = [];
  const stderr: string[] = [];
  child.stderr.on("data", (chunk: Buffer) => stderr.push(String(chunk)));
  const url = new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).on("line", (text) => {
      // Holds: its log is JSON, a line each.
      const logged = JSON.parse(text) as Line;
      lines.push(logged);
      if (logged.msg === "ready") resolve(String(logged["url"]));
    });
    ended.then(() => reject(new Error(`the service ended before it was ready:\n${stderr.join("")}`)), reject);
  });
  return { child, lines, stderr, ended, url: await url };
}

function line(service: Service, msg: string): Line | undefined {
  return service.lines.find((one) => one.msg === msg);
}

function total(load: Load): number {
  return Object.values(load.answered).reduce((sum, count) => sum + count, 0);
}

test("a service under load counts what its clients count, and nothing is left undone when it stops", async () => {
  await using upstream = await startUpstream(FAULTS);
  const service = await start(upstream.url);
  const load = await drive({ url: service.url, amount: 2_000, connections: 50 });
  service.child.kill("SIGTERM");
  await service.ended;

  expect(service.stderr).toEqual([]);
  expect(service.child.exitCode).toBe(143);
  expect(total(load)).toBe(2_000);
  expect(load.answered[400]).toBe(200);
  expect(line(service, "stopped")).toMatchObject({
    requests: { accepted: 2_000, answered: load.answered, abandoned: 0 },
    orders: { accepted: 0, shipped: load.answered[202], dead: 0 },
  });
  // Every answer that was no success is an error that was counted, and none was a defect.
  expect(line(service, "errors")).toMatchObject({
    total: 2_000 - (load.answered[202] ?? 0),
    counted: 2_000 - (load.answered[202] ?? 0),
    byKind: { defect: 0, cancelled: 0 },
    byType: { RequestError: 200 },
  });
  expect(upstream.served.errors + upstream.served.resets + upstream.served.hangs).toBeGreaterThan(100);
});

test("a service that is told to stop under load answers every request that it took, and then ends", async () => {
  await using upstream = await startUpstream(FAULTS);
  const service = await start(upstream.url);
  const gone = new AbortController();
  service.child.once("close", () => gone.abort());
  const load = await drive({
    url: service.url,
    amount: 1_000_000,
    connections: 50,
    signal: gone.signal,
    onResponse: (_, count) => {
      if (count === 1_000) service.child.kill("SIGTERM");
    },
  });
  await service.ended;

  expect(service.stderr).toEqual([]);
  expect(service.child.exitCode).toBe(143);
  const answered = total(load);
  expect(answered).toBeGreaterThanOrEqual(1_000);
  expect(answered).toBeLessThan(1_000_000);
  expect(load.refused).toBeGreaterThan(0);
  expect(line(service, "stopped")).toMatchObject({
    requests: { accepted: answered, answered: load.answered, abandoned: 0 },
    orders: { accepted: 0, shipped: load.answered[202], dead: 0 },
  });
});

test("what a service had accepted when it was killed is shipped by the next one", async () => {
  const orders = new Orders(join(folder, "orders.db"));
  for (let quantity = 1; quantity <= 100; quantity++) orders.accept("left behind", quantity, 1);
  orders[Symbol.dispose]();
  await using upstream = await startUpstream(FAULTS);
  const service = await start(upstream.url);
  service.child.kill("SIGTERM");
  await service.ended;
  expect(line(service, "stopped")).toMatchObject({ orders: { accepted: 0, shipped: 100, dead: 0 } });
});

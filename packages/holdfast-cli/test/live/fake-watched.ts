/** What is known of a process that is watched, with what a test is about. */
import type { LiveGauges } from "holdfast/inspect";
import type { Watched } from "../../src/live/view.ts";
import { fakeDump, fakeWait } from "./fake-dump.ts";

export const gauges: LiveGauges = {
  uptime: 65_000,
  span: 2000,
  busy: 0.123,
  delay: { mean: 0.4, max: 12.3 },
  heap: { used: 23 * 1024 * 1024, total: 46 * 1024 * 1024 },
  tasks: { alive: 3, started: 62, finished: 1 },
  pause: 1,
};

export const dump = fakeDump(
  [
    { kind: "group", name: "server" },
    {
      parent: 0,
      id: 1,
      name: "request",
      age: 3200,
      timeLeft: 26_800,
      waits: [fakeWait({ kind: "tasks", what: '"lookups"', stack: 0 })],
      spawnedAt: "main (/srv/app.ts:13:12)",
    },
    { parent: 0, id: 2, name: "poll", age: 5000, waits: [fakeWait({ kind: "get", what: 'Channel "jobs"', stack: 1 })] },
    { kind: "group", parent: 1, name: "lookups" },
    { parent: 3, id: 3, name: "load-user", age: 400, waits: [fakeWait({ timeLeft: 46_800, hasSignal: false })] },
  ],
  [["handle (/srv/app.ts:20:5)"], ["poll (/srv/app.ts:46:22)"]],
);

export function fakeWatched(watched: Partial<Watched> = {}): Watched {
  return {
    pid: 4711,
    gauges,
    snapshot: { dump, pause: 1.2, allowsCancel: false },
    before: undefined,
    interval: 1000,
    silence: undefined,
    blockedBy: undefined,
    ...watched,
  };
}

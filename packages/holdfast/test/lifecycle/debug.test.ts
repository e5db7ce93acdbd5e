/** Debug mode, in a process that the test owns. What only a real one shows is in test/programs/debug.test.ts. */
import { openTaskGroup, taskGroup } from "holdfast";
import { limitSpawnSites, setProbe, setTaskStackListener } from "holdfast/lowlevel";
import { Gate } from "../core/outcome.ts";
import { describe, expect, test } from "../harness.ts";
import { debug, told, useDebugClock } from "./debug-kit.ts";
import { FakeProcess, start } from "./run-main-process.ts";

const clock = useDebugClock();

describe("HOLDFAST_DEBUG", () => {
  for (const setting of ["yes", "true", "2", " 1", "1,watchdog"])
    test(`is refused as ${JSON.stringify(setting)}`, async () => {
      const process = new FakeProcess();
      process.env = { HOLDFAST_DEBUG: setting };
      let wasCalled = false;
      const { ended, codes } = start(() => void (wasCalled = true), { process: process.host });
      await expect(ended).rejects.toThrow(
        new TypeError(`HOLDFAST_DEBUG must be 1, 0 or empty, got ${JSON.stringify(setting)}`),
      );
      expect([wasCalled, codes, process.listened]).toEqual([false, [], []]);
    });

  for (const setting of ["", "0"])
    test(`is off as ${JSON.stringify(setting)}: main is called at once`, async () => {
      const process = new FakeProcess();
      process.env = { HOLDFAST_DEBUG: setting };
      let wasCalled = false;
      const { ended } = start(() => void (wasCalled = true), { process: process.host });
      expect(wasCalled).toBe(true);
      await clock.run(() => ended);
      expect(process.listened).toEqual([]);
    });

  test("is off where the environment can't be read", async () => {
    const process = new FakeProcess();
    process.env = new Proxy(
      {},
      {
        get: () => {
          throw new Error("permission denied");
        },
      },
    );
    let wasCalled = false;
    const { ended } = start(() => void (wasCalled = true), { process: process.host });
    expect(wasCalled).toBe(true);
    await clock.run(() => ended);
  });

  test("MAIN-1: leaves, when main has ended, a listener for the exit and nothing else", async () => {
    const before = [limitSpawnSites(1000), setProbe(undefined), setTaskStackListener(undefined)];
    const { process, ended, codes } = await debug(() => {});
    await clock.run(() => ended);
    const after = [limitSpawnSites(1000), setProbe(undefined), setTaskStackListener(undefined)];
    expect([codes, process.listened, before, after]).toEqual([
      [0],
      ["exit"],
      [1000, undefined, undefined],
      [1000, undefined, undefined],
    ]);
  });

  test("a program that is told to stop before debug mode is on does not begin", async () => {
    const process = new FakeProcess();
    process.env = { HOLDFAST_DEBUG: "1" };
    let wasCalled = false;
    const { ended, codes } = start(() => void (wasCalled = true), { process: process.host });
    process.emit("SIGTERM");
    await ended;
    expect([wasCalled, codes]).toEqual([false, [143]]);
  });

  test("leaves a probe that came later where it is", async () => {
    const log: string[] = [];
    const gate = new Gate();
    const { ended } = await debug(() => gate.promise);
    const before = setProbe((event, subject) => {
      log.push(event);
      before?.(event, subject);
    });
    gate.open();
    await clock.run(() => ended);
    log.length = 0;
    await taskGroup((group) => void group.spawn(() => {}));
    setProbe(undefined);
    expect(log).toEqual(["open", "spawn", "start", "settle", "close"]);
  });

  test("tells what is alive once, of programs that ran one after the other", async () => {
    const open = openTaskGroup({ name: "open" });
    const first = await debug(() => {});
    await clock.run(() => first.ended);
    const second = await debug(() => {});
    await clock.run(() => second.ended);
    for (const { process } of [first, second]) process.emit("exit");
    await open.close();
    const trees = [first, second].map(({ process }) => process.stderr.written.split("has not ended").length - 1);
    expect(trees).toEqual([0, 1]);
  });

  test("stays on until the last of two programs has ended", async () => {
    const [first, second] = [new Gate(), new Gate()];
    const one = await debug(() => first.promise);
    const two = await debug(() => second.promise);
    first.open();
    await clock.run(() => one.ended);
    const during = limitSpawnSites(Infinity);
    second.open();
    await clock.run(() => two.ended);
    expect([during, limitSpawnSites(1000)]).toEqual([Infinity, 1000]);
  });
});

test("an error that is frozen, or has no stack, fails its task as it is", async () => {
  const frozen = Object.freeze(new Error("frozen"));
  const { stack } = frozen;
  const plain = { message: "no stack" };
  const outcomes: unknown[] = [];
  await told(clock, async ({ group }) => {
    for (const thrown of [frozen, plain, "text"]) {
      const task = group.spawn(() => Promise.reject(thrown));
      outcomes.push(await task.settled());
    }
  });
  expect([outcomes, frozen.stack === stack]).toEqual([
    [frozen, plain, "text"].map((error) => ({ ok: false, error })),
    true,
  ]);
});

import { sleep, taskGroup, type TaskGroup } from "holdfast";
import { afterEach, beforeEach, describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { aborted, Gate } from "./outcome.ts";

const clock = useFakeClock();

/** What was said on `console.error`, with the time. Spawn sites are cut down to the name of this file. */
let said: string[] = [];
const original: unknown = Reflect.get(console, "error");
beforeEach(() => {
  said = [];
  Reflect.set(console, "error", (text: string) => {
    said.push(`${clock.now()}: ${text.replaceAll(/spawned .*(?<file>unresponsive\.test).*/gu, "spawned $<file>")}`);
  });
});
afterEach(() => void Reflect.set(console, "error", original));

async function cancelledFor(ms: number, body: (group: TaskGroup, gate: Gate) => void, grace?: number): Promise<void> {
  const gate = new Gate();
  void sleep(100 + ms).then(() => gate.open());
  await clock.run(() =>
    taskGroup(
      async (group) => {
        body(group, gate);
        await sleep(100);
        group.cancel();
      },
      { name: "request", grace },
    ),
  );
  await turn();
}

describe("a cancelled group that still waits", () => {
  test("R20: says once, after 5 s, which tasks ignore their signal, and where they were spawned", async () => {
    await cancelledFor(60_000, (group, gate) => {
      group.spawn(() => gate.promise, { name: "forgot" });
      group.spawn(
        async ({ signal }) => {
          await aborted(signal);
          await gate.promise;
        },
        { name: "slow" },
      );
      group.spawn(({ sleep: pause }) => pause(Infinity), { name: "good" });
    });
    expect(said).toEqual([
      [
        '5100: holdfast: group "request" was cancelled 5000 ms ago and still waits: group "request" was cancelled',
        '  task "forgot" never looked at its signal; pass ({ signal }) on, spawned unresponsive.test',
        '  task "slow" has its signal, and goes on, spawned unresponsive.test',
      ].join("\n"),
    ]);
  });

  test("R20: says nothing when all have stopped before", async () => {
    await cancelledFor(4999, (group, gate) => void group.spawn(() => gate.promise));
    expect(said).toEqual([]);
  });

  test("R20: says nothing of a group that was not cancelled, however long it takes", async () => {
    await clock.run(() => taskGroup((group) => void group.spawn(() => sleep(60_000))));
    expect(said).toEqual([]);
  });

  test("R20: does not accuse services that nobody has told to stop", async () => {
    await cancelledFor(6000, (group, gate) => {
      group.spawn(() => gate.promise, { name: "forgot" });
      group.spawnService(({ signal }) => aborted(signal), { name: "heartbeat" });
    });
    expect(said.join("\n")).toContain('task "forgot"');
    expect(said.join("\n")).not.toContain("heartbeat");
  });

  test("R20: does not accuse tasks that wait for a place", async () => {
    const gate = new Gate();
    void sleep(6000).then(() => gate.open());
    await clock.run(() =>
      taskGroup(
        async (group) => {
          group.spawn(() => gate.promise, { name: "forgot" });
          group.spawn(() => {}, { name: "waits" });
          group.cancel();
        },
        { concurrency: 1 },
      ),
    );
    expect(said.length).toBe(1);
    expect(said[0]).not.toContain('waits"');
  });

  test("R20: names its body, when nothing else is left", async () => {
    const gate = new Gate();
    void sleep(6000).then(() => gate.open());
    await clock.run(() =>
      taskGroup(async function request(group) {
        group.cancel("stop");
        await gate.promise;
      }),
    );
    expect(said).toEqual([
      '5000: holdfast: group "request" was cancelled 5000 ms ago and still waits: group "request" was cancelled\n' +
        "  its body, which waits for something that takes no signal",
    ]);
  });

  test("R20: is followed by the abandoning, when the grace is longer than that", async () => {
    await cancelledFor(60_000, (group, gate) => void group.spawn(() => gate.promise, { name: "forgot" }), 8000);
    expect(said.map((text) => text.split("\n")[0])).toEqual([
      '5100: holdfast: group "request" was cancelled 5000 ms ago and still waits: group "request" was cancelled',
      expect.stringMatching(/^8100: holdfast: late error of "request"/u),
    ]);
    await clock.advanceUntilIdle();
  });

  test("R20: says nothing when the grace is shorter than that: the abandoning says it", async () => {
    await cancelledFor(60_000, (group, gate) => void group.spawn(() => gate.promise, { name: "forgot" }), 50);
    expect(said).toEqual([expect.stringMatching(/^150: holdfast: late error of "request"/u)]);
    await clock.advanceUntilIdle();
  });

  test("R20: a service that ignores its closing is named, in a group that was not cancelled", async () => {
    const gate = new Gate();
    void sleep(6000).then(() => gate.open());
    await clock.run(() =>
      taskGroup((group) => void group.spawnService(() => gate.promise, { name: "poll" }), { name: "request" }),
    );
    expect(said).toEqual([
      '5000: holdfast: group "request" has been closing its services for 5000 ms and still waits\n' +
        '  task "poll" never looked at its signal; pass ({ signal }) on, spawned unresponsive.test',
    ]);
  });

  test("R20: says it once, also when services keep it waiting after the tasks that it named", async () => {
    const gate = new Gate();
    void sleep(20_000).then(() => gate.open());
    await clock.run(() =>
      taskGroup(
        (group) => {
          group.spawnService(() => gate.promise, { name: "poll" });
          group.spawn(() => sleep(6000), { name: "forgot" });
          group.cancel();
        },
        { grace: 8000 },
      ),
    );
    await clock.advanceUntilIdle();
    expect(said.map((text) => text.split(" ", 3).join(" "))).toEqual([
      "5000: holdfast: group",
      "14000: holdfast: late",
    ]);
  });
});

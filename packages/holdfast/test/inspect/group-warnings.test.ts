/** What a dump gives away of groups, and of calls outside of them: each warning, and what is none. */
import { readFileSync } from "node:fs";
import { type GroupOptions, openTaskGroup, type OpenTaskGroup, sleep, taskGroup } from "holdfast";
import { dump, findWarnings, formatDump, type ProcessDump, type Warning } from "holdfast/inspect";
import { useFakeClock } from "../clock/fake-clock.ts";
import { Gate } from "../core/outcome.ts";
import { describe, expect, test } from "../harness.ts";

const clock = useFakeClock();

/** All of them, says the compiler. */
const codes: Readonly<Record<Warning["code"], true>> = {
  "blocked-loop": true,
  "cancel-ignored": true,
  "floating-call": true,
  "leaky-group": true,
  "lock-cycle": true,
  "stuck-wait": true,
  "unseen-failure": true,
};

/** Code and sentence, without numbers of tasks and without folders and columns. */
function told(found: ProcessDump, before?: ProcessDump): readonly string[] {
  return findWarnings(found, before).map(({ code, message }) => {
    const plain = message.replaceAll(/task \d+/gu, "task");
    return `${code}: ${plain.replaceAll(/\([^()]*\/(?<file>[\w.-]+):\d+:\d+\)/gu, "($<file>)")}`;
  });
}

describe("cancel-ignored", () => {
  /** A group whose body does not stop, looked at `after` its cancellation. */
  async function deafBody(after: number, options?: GroupOptions): Promise<readonly string[]> {
    return await clock.run(async () => {
      const gate = new Gate();
      const ended = taskGroup(
        async (inner) => {
          inner.spawn(() => Promise.reject(new Error("refused")), { name: "connect" });
          await gate.promise;
        },
        { name: "server", ...options },
      ).catch(() => {});
      await sleep(after);
      const found = told(dump());
      gate.open();
      await ended;
      return found;
    });
  }

  test("is said of the body of a group, where no task holds it up", async () => {
    expect(await deafBody(2000)).toEqual([
      expect.stringMatching(
        /^cancel-ignored: the body of group "server" was cancelled 2\.0 s ago and still runs: it never looked at its signal; pass \(\{ signal \}\) on, started at .*\bgroup-warnings\.test\.ts/u,
      ),
    ]);
  });

  test("is not said of one that was cancelled just now, nor of one that nothing has cancelled", async () => {
    expect(await deafBody(500)).toEqual([]);
    expect(await deafBody(2000, { stopOnError: false })).toEqual([]);
  });
});

describe("unseen-failure", () => {
  /** An open group one task of which fails; looked at two seconds later. */
  async function failing(
    options: GroupOptions,
    then: (group: OpenTaskGroup, rest: Gate) => Promise<unknown> | undefined,
  ): Promise<readonly string[]> {
    return await clock.run(async () => {
      const rest = new Gate();
      const group = openTaskGroup({ name: "server", ...options });
      group.spawn(() => Promise.reject(new Error("refused")), { name: "poll" });
      await sleep(10);
      const ended = then(group, rest);
      await sleep(2000);
      const found = told(dump());
      rest.open();
      await (ended ?? group.close()).catch(() => {});
      return found;
    });
  }

  test("names the task that has failed in a group that nobody closes", async () => {
    expect(await failing({}, () => undefined)).toEqual([
      'unseen-failure: task "poll" of group "server" failed 2.0 s ago, and nobody has called close(), which throws that error; close a group when its signal aborts, or give it onTaskError',
    ]);
  });

  test("is not said where the failure was given to a function, nor where somebody waits for the group to close", async () => {
    expect(await failing({ onTaskError: () => {} }, () => undefined)).toEqual([]);
    const closing = await failing({}, (group, rest) => {
      group.spawn(() => rest.promise, { name: "rest" });
      return group.close();
    });
    expect(closing).toEqual([expect.stringMatching(/^cancel-ignored: task "rest" /u)]);
  });

  test("a group that nobody has closed is shown as open, one that is being closed is not", async () => {
    const shown = await clock.run(async () => {
      const group = openTaskGroup({ name: "server" });
      const gate = new Gate();
      group.spawn(() => gate.promise);
      await sleep(10);
      const open = formatDump(dump());
      const closing = group.close();
      const closed = formatDump(dump());
      gate.open();
      await closing;
      return [open, closed].map((text) => text.includes('group "server", open until close(), called '));
    });
    expect(shown).toEqual([true, false]);
  });

  test("is not said of a group that was cancelled by somebody", async () => {
    const cancelled = clock.run(async () => {
      const group = openTaskGroup({ name: "server" });
      group.cancel();
      await sleep(2000);
      const found = told(dump());
      await group.close();
      return found;
    });
    expect(await cancelled).toEqual([]);
  });
});

describe("leaky-group, seen in two looks", () => {
  /** A group of 1,100 tasks that gets `more` between two looks, while `fewer` of the first end. */
  async function growing(more: number, fewer: number): Promise<readonly string[]> {
    return await clock.run(() =>
      taskGroup(
        async (group) => {
          const [gate, early] = [new Gate(), new Gate()];
          const add = (count: number, until: Gate): void => {
            for (let index = 0; index < count; index++) group.spawn(() => until.promise, { name: "conn" });
          };
          add(fewer, early);
          add(1100 - fewer, gate);
          await sleep(10);
          const before = dump();
          early.open();
          add(more, gate);
          await sleep(1000);
          const found = dump();
          gate.open();
          return told(found, before);
        },
        { name: "server" },
      ),
    );
  }

  test("names a group that has got tasks and lost none", async () => {
    expect(await growing(5, 0)).toEqual([
      'leaky-group: group "server" has 1105 tasks, 5 more than 1.0 s ago, and none has ended since: they come faster than they end; limit them by concurrency, or by a timeout each',
    ]);
  });

  test("is not said of a group that has got none, nor of one whose tasks end", async () => {
    expect(await growing(0, 0)).toEqual([]);
    expect(await growing(5, 1)).toEqual([]);
  });
});

describe("floating-call", () => {
  async function audit(): Promise<void> {
    await sleep(5000);
  }

  async function started(): Promise<void> {
    await audit();
  }

  test("names a call that no async function awaits, with its innermost line", async () => {
    const [found, text] = await clock.run(async () => {
      void started();
      void started();
      await sleep(10);
      const seen = dump();
      await sleep(6000);
      return [told(seen), formatDump(seen)] as const;
    });
    expect(found).toEqual([
      "floating-call: 2 calls of started outside of any task, awaited by no async function, at audit (group-warnings.test.ts): unless an event has started it, await it, or spawn it in a group",
    ]);
    expect(text.split("\n").at(-1)).toMatch(/^warning \(floating-call\): .* \(guide\/hanging\.md#floating-call\)$/u);
  });

  test("is not said of a call in a task", async () => {
    const found = await clock.run(() =>
      taskGroup(async (group) => {
        group.spawn(started);
        await sleep(10);
        return dump();
      }),
    );
    expect(told(found)).toEqual([]);
  });
});

test("each warning has a section of the guide", () => {
  const guide = readFileSync(new URL("../../../../docs/guide/hanging.md", import.meta.url), "utf8");
  const sections = [...guide.matchAll(/^### `?(?<code>[a-z-]+)`?$/gmu)].map((match) => match.groups?.["code"]);
  expect(new Set(sections)).toEqual(new Set(Object.keys(codes)));
});

/** What one who watches this very process over the socket sees, and what the socket refuses. */
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { sleep, taskGroup } from "holdfast";
import { inspectAs, serveLive } from "holdfast/inspect";
import { registry } from "holdfast/lowlevel";
import { turn, useFakeClock } from "../../clock/fake-clock.ts";
import { afterEach, beforeEach, describe, expect, test } from "../../harness.ts";
import { processLimit } from "../program.ts";

/** It fails a test that leaves a timer behind which would keep the process alive. */
const clock = useFakeClock();

let folder: string;
let path: string;
let opened: Disposable[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-live-test-"));
  path = join(folder, "own/socket");
  mkdirSync(dirname(path), { mode: 0o700 });
  opened = [];
});
afterEach(() => {
  for (const one of opened) one[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

function serve(): Disposable {
  const served = serveLive(path);
  opened.push(served);
  return served;
}

function client(): Socket {
  const socket = connect(path).setEncoding("utf8");
  // A connection that is refused is reset, or ended.
  socket.on("error", () => {});
  opened.push({ [Symbol.dispose]: () => void socket.destroy() });
  return socket;
}

/** One line, or undefined when the connection ends first. */
function ask(socket: Socket, question: string): Promise<unknown> {
  return new Promise((resolve) => {
    let text = "";
    const hear = (chunk: string): void => {
      text += chunk;
      if (!text.endsWith("\n")) return;
      socket.off("data", hear);
      resolve(JSON.parse(text));
    };
    socket.on("data", hear);
    socket.once("close", () => resolve(undefined));
    socket.write(question);
  });
}

describe("LIVE-1: one client, of this user alone", () => {
  test("while it listens the socket is its user's alone", () => {
    serve();
    const socket = lstatSync(path);
    expect([socket.isSocket(), socket.mode & 0o777, lstatSync(dirname(path)).mode & 0o777]).toEqual([
      true,
      0o600,
      0o700,
    ]);
  });

  test("when the client has come there is no socket and no folder any more, and nobody else comes in", async () => {
    serve();
    const socket = client();
    expect(await ask(socket, "since-last\n")).toMatchObject({ tasks: { alive: 0 } });
    expect(readdirSync(folder)).toEqual([]);
  });

  test("of two that come before either is let in, one is refused", async () => {
    serve();
    const both = [client(), client()];
    const answers = await Promise.all(both.map((socket) => ask(socket, "since-last\n")));
    expect(answers.filter((answer) => answer !== undefined).length).toBe(1);
  });

  test("when it is disposed of before a client has come, the socket is gone", () => {
    serve()[Symbol.dispose]();
    expect(readdirSync(folder)).toEqual([]);
  });

  test("when the process ends before a client has come, the socket is gone", () => {
    serve();
    const [listener] = process.listeners("exit").slice(-1);
    listener?.(0);
    expect([readdirSync(folder), process.listeners("exit").includes(listener ?? (() => {}))]).toEqual([[], false]);
  });

  test("when nobody has come after 10 s, the socket is gone", async () => {
    serve();
    await clock.advanceBy(9999);
    expect(existsSync(path)).toBe(true);
    await clock.advanceBy(1);
    expect(readdirSync(folder)).toEqual([]);
  });

  for (const [name, prepare] of [
    ["others may enter", () => chmodSync(dirname(path), 0o755)],
    ["others may write to", () => chmodSync(dirname(path), 0o770)],
    [
      "is a link",
      () => {
        rmSync(dirname(path), { recursive: true });
        mkdirSync(join(folder, "elsewhere"), { mode: 0o700 });
        symlinkSync(join(folder, "elsewhere"), dirname(path));
      },
    ],
  ] as const)
    test(`a folder that ${name} is refused`, () => {
      prepare();
      expect(() => serve()).toThrow(`the folder ${dirname(path)} is not this user's alone`);
      expect(existsSync(path)).toBe(false);
    });

  for (const [name, place] of [
    ["a file", () => writeFileSync(path, "")],
    ["a link", () => symlinkSync(join(folder, "elsewhere"), path)],
  ] as const)
    test(`where ${name} has the name of the socket, nothing listens and nothing is replaced`, () => {
      place();
      expect(() => serve()).toThrow(`nothing can listen at ${path}`);
      expect([lstatSync(path).isSocket(), existsSync(join(folder, "elsewhere"))]).toEqual([false, false]);
    });

  if (process.getuid?.() === 0)
    test("a folder of another user is refused", () => {
      chmodSync(folder, 0o755);
      process.seteuid?.(65_534);
      try {
        expect(() => serve()).toThrow(`the folder ${dirname(path)} is not this user's alone`);
      } finally {
        process.seteuid?.(0);
      }
    });
});

describe("LIVE-2: what is sent is never run", () => {
  for (const garbage of [
    "process.exit(3)\n",
    "\n",
    "snapshot \n",
    "cancel\n",
    "cancel -1\n",
    "cancel 1e3\n",
    'cancel 1"\n',
    "SNAPSHOT\n",
    "\u0000\u0001\u0002\n",
    "x".repeat(1_000_000),
    "snapshot\nsnapshot\n",
    "since-last\nx",
  ])
    test(`${JSON.stringify(garbage.slice(0, 30))} ends the connection without an answer`, async () => {
      serve();
      expect(await ask(client(), garbage)).toBe(undefined);
    });

  test("a question may come in pieces", async () => {
    serve();
    const socket = client();
    for (const piece of ["since", "-la"]) {
      socket.write(piece);
      await turn();
    }
    expect(await ask(socket, "st\n")).toMatchObject({ tasks: { alive: 0 } });
  });
});

describe("what is answered", () => {
  test("a snapshot is the dump of the process; numbers are about the time since the last ones", async () => {
    serve();
    const socket = client();
    await ask(socket, "since-last\n");
    await taskGroup(async (group) => {
      const done = group.spawn(() => {}, { name: "short" });
      await done.join();
      group.spawn(({ signal }) => sleep(60_000, { signal }), { name: "long" });
      expect(await ask(socket, "snapshot\n")).toMatchObject({
        dump: {
          pid: process.pid,
          scopes: [{ kind: "group" }, { kind: "task", name: "long", waits: [{ kind: "sleep" }] }],
        },
        allowsCancel: false,
      });
      const gauges = await ask(socket, "since-last\n");
      expect(gauges).toMatchObject({ tasks: { alive: 1, started: 2, finished: 1 } });
      expect(Object.keys(gauges ?? {})).toEqual(["uptime", "span", "busy", "delay", "heap", "tasks", "pause"]);
      group.cancel();
    }).catch(() => {});
    expect(await ask(socket, "since-last\n")).toMatchObject({ tasks: { alive: 0, started: 0, finished: 1 } });
  });

  test(
    "LIVE-3: one who asks on without having taken the answer is sent away",
    async () => {
      serve();
      const socket = client();
      let text = "";
      socket.on("data", (chunk: string) => (text += chunk));
      await taskGroup(async (group) => {
        // More than a socket holds.
        for (let index = 0; index < 2000; index++)
          group.spawn(({ signal }) => sleep(60_000, { signal }), { name: `task number ${index}` });
        await turn();
        socket.write("snapshot\n");
        await once(socket, "data");
        socket.pause();
        socket.write("snapshot\n");
        await turn();
        const closed = once(socket, "close");
        socket.resume();
        await closed;
        group.cancel();
      });
      expect([text.length > 200_000, text.includes("\n")]).toEqual([true, false]);
    },
    processLimit,
  );

  test(
    "one who has taken a large answer may ask on at once",
    async () => {
      serve();
      const socket = client();
      const answers = await taskGroup(async (group) => {
        for (let index = 0; index < 2000; index++)
          group.spawn(({ signal }) => sleep(60_000, { signal }), { name: `task number ${index}` });
        await turn();
        const first = await ask(socket, "snapshot\n");
        const second = await ask(socket, "since-last\n");
        group.cancel();
        return [first, second];
      });
      expect(answers).toMatchObject([{ dump: { omitted: 0 } }, { tasks: { alive: 2000 } }]);
    },
    processLimit,
  );

  test("a delay is by how much timers came too late since the last question, also when none has come since", async () => {
    serve();
    const socket = client();
    const delay = async (): Promise<unknown> => {
      const { delay: found } = Object(await ask(socket, "since-last\n"));
      return found;
    };
    await delay();
    await clock.advanceBy(100);
    const idle = await delay();
    clock.block(300);
    const overdue = await delay();
    clock.block(5);
    await clock.advanceBy(0);
    const rest = await delay();
    clock.block(100);
    await clock.advanceBy(20);
    const late = await delay();
    expect({ idle, overdue, rest, late, none: await delay() }).toEqual({
      idle: { mean: 0, max: 0 },
      overdue: { mean: 280, max: 280 },
      rest: { mean: 5, max: 5 },
      late: { mean: 40, max: 80 },
      none: undefined,
    });
  });

  test("LIVE-4: with the client goes all that was measured for it", async () => {
    serve();
    const socket = client();
    await ask(socket, "since-last\n");
    const timersIn = async (ms: number): Promise<number> => {
      const made = clock.made;
      await clock.advanceBy(ms);
      return clock.made - made;
    };
    expect(await timersIn(1000)).toBe(50);
    socket.destroy();
    // Never, if it goes on: then the test runs out of time.
    while ((await timersIn(20)) > 0);
  });

  test("a task is cancelled by its number only after the process has allowed it", async () => {
    serve();
    const socket = client();
    const seen = await taskGroup(async (group) => {
      const task = group.spawn(({ signal }) => sleep(60_000, { signal }), { name: "long" });
      const refused = await ask(socket, `cancel ${task.id}\n`);
      const state = task.state;
      inspectAs("allow-cancel");
      const unknown = await ask(socket, "cancel 999999999\n");
      const cancelled = await ask(socket, `cancel ${task.id}\n`);
      await task.settled();
      return { refused, state, unknown, cancelled, after: task.state, isOurs: task.id };
    });
    expect(seen).toEqual({
      refused: {
        id: seen.isOurs,
        isCancelled: false,
        why: "the process does not allow it; start it with HOLDFAST_INSPECT=allow-cancel",
      },
      state: "running",
      unknown: { id: 999_999_999, isCancelled: false, why: "it has ended" },
      cancelled: { id: seen.isOurs, isCancelled: true },
      after: "cancelled",
      isOurs: seen.isOurs,
    });
  });

  test("tasks of another copy of the library count, and a number that two tasks have is not cancelled", async () => {
    serve();
    const socket = client();
    await ask(socket, "since-last\n");
    inspectAs("allow-cancel");
    const answers = await taskGroup(async (group) => {
      const task = group.spawn(({ signal }) => sleep(60_000, { signal }), { name: "long" });
      // As another copy would have it: its root, and below that a task.
      const twin = { bits: 1, id: task.id, state: "running", name: "twin", kids: undefined, next: {} };
      twin.next = twin;
      registry().runtimes.push({ version: "0.0.0", root: { kids: twin } });
      try {
        const gauges = await ask(socket, "since-last\n");
        return { id: task.id, gauges, cancelled: await ask(socket, `cancel ${task.id}\n`), state: task.state };
      } finally {
        registry().runtimes.pop();
        group.cancel();
      }
    });
    expect(answers).toMatchObject({
      gauges: { tasks: { alive: 2, started: expect.any(Number) } },
      cancelled: {
        id: answers.id,
        isCancelled: false,
        why: "several copies of the library have a task of that number",
      },
      state: "running",
    });
  });

  test("an error while it looks is the answer, not the end of the process, and the next question is answered as ever", async () => {
    serve();
    const socket = client();
    registry().runtimes.push({
      version: "0.0.0",
      root: {
        get kids(): never {
          throw new Error("a tree that can't be read");
        },
      },
    });
    const failed = [await ask(socket, "snapshot\n"), await ask(socket, "since-last\n")];
    registry().runtimes.pop();
    expect([...failed, await ask(socket, "since-last\n")]).toMatchObject([
      { error: "a tree that can't be read" },
      { error: "a tree that can't be read" },
      { tasks: { alive: 0 } },
    ]);
  });
});

import { attemptsOf, sleep, suppressedErrors, taskGroup } from "holdfast";
import { ownerOf, recordAttempts, registry, root, setProbe, suppress, version } from "holdfast/lowlevel";
import { describe, expect, test } from "../harness.ts";
import { turn } from "../clock/fake-clock.ts";
import { errorOf } from "./outcome.ts";

describe("the registry", () => {
  test("R28: is found under a global symbol, and lists this copy with its version and the root of its tree", () => {
    const top = root();
    const shared: unknown = Reflect.get(globalThis, Symbol.for("holdfast.registry/1"));
    expect(shared).toBe(registry());
    expect(registry().runtimes.filter((runtime) => runtime.root === top)).toEqual([{ version, root: top }]);
  });

  test("R28: links a signal of ours to its owner, and holds what was suppressed and attempted", async () => {
    await taskGroup((group) => {
      expect(ownerOf(group.signal)).toBe(group);
    });
    const error = new Error("x");
    suppress(error, ["other"], "task");
    expect(registry().suppressed.get(error)).toEqual(suppressedErrors(error));
    const history = [{ attempt: 1, error, startedAt: 0, duration: 1, delay: undefined }];
    expect([recordAttempts(error, history), recordAttempts("text", history)]).toEqual([true, false]);
    expect([attemptsOf(error), attemptsOf("text"), attemptsOf(new Error("other"))]).toEqual([history, [], []]);
  });
});

describe("the tree", () => {
  test("R27: shows what runs, in order, with what it waits for, and nothing that has settled", async () => {
    interface Node {
      readonly name?: string;
      readonly kind?: string;
      readonly state?: string;
      readonly kids?: Node;
      readonly next: Node;
    }
    const show = (at: Node): unknown => {
      const below: unknown[] = [];
      for (let kid = at.kids; kid !== undefined; kid = kid.next === at.kids ? undefined : kid.next)
        below.push(show(kid));
      const label = [at.name ?? at.kind, ...(at.state === undefined ? [] : [at.state])].join(" ");
      return below.length === 0 ? label : { [label]: below };
    };
    const trees: unknown[] = [];
    const controller = new AbortController();
    const running = taskGroup(
      async (group) => {
        group.spawn(({ sleep: pause }) => pause(Infinity), { name: "sleeper" });
        group.spawn(() => {}, { name: "done" });
        group.spawn(
          ({ signal }) => taskGroup((inner) => sleep(Infinity, { signal: inner.signal }), { signal, name: "inner" }),
          {
            name: "outer",
          },
        );
        await turn();
        group.spawn(() => {}, { name: "new" });
        // The node types of the tree are what a tool sees: plain fields.
        trees.push(show(root() as unknown as Node));
        controller.abort();
      },
      { signal: controller.signal, name: "request" },
    );
    await errorOf(running);
    trees.push(show(root() as unknown as Node));
    expect(trees).toEqual([
      {
        root: [
          {
            signal: [
              {
                request: [{ "sleeper running": ["sleep"] }, { "outer running": [{ inner: ["sleep"] }] }, "new waiting"],
              },
            ],
          },
        ],
      },
      "root",
    ]);
  });
});

describe("the probe", () => {
  test("R28: is told what happens to tasks and groups, in order", async () => {
    const log: string[] = [];
    const before = setProbe((event, subject) => void log.push(`${event} ${(subject as { name: string }).name}`));
    try {
      await errorOf(
        taskGroup(
          async (group) => {
            group.spawn(() => {}, { name: "fine" });
            group.spawn(() => Promise.reject(new Error("x")), { name: "failing" });
            await turn();
          },
          { name: "request" },
        ),
      );
    } finally {
      expect(setProbe(before)).toBeTypeOf("function");
    }
    expect(log).toEqual([
      "open request",
      "spawn fine",
      "spawn failing",
      "start fine",
      "start failing",
      "settle fine",
      "fail failing",
      "cancel request",
      "settle failing",
      "close request",
    ]);
  });

  test("without a listener nothing is told", async () => {
    const log: string[] = [];
    setProbe(setProbe((event) => void log.push(event)));
    await taskGroup((group) => void group.spawn(() => {}));
    expect(log).toEqual([]);
  });
});

/** What is seen of processes of the other Nodes that the tool is for. */
import { afterAll, beforeAll, describe, expect, test } from "../harness.ts";
import { testDoctor } from "./doctor-tests.ts";
import { forbidden, idle, refused } from "./refusals.ts";
import { otherNodes, Targets } from "./target.ts";
import { testTasks } from "./task-tests.ts";
import { testWorkers } from "./worker-tests.ts";

let targets: Targets;
beforeAll(() => {
  targets = new Targets();
  targets.installLibrary();
});
afterAll(() => targets.remove());

const nodes = await otherNodes();

test("there are three", () => {
  expect(nodes).toHaveLength(3);
});

describe.each(nodes)("%s", (node) => {
  testTasks(node, () => targets);
  testDoctor(node, () => targets);
  testWorkers(node, () => targets);

  test("a process that was started with --permission gets no signal", async () => {
    const flag = node.includes("node-22") ? "--experimental-permission" : "--permission";
    const target = await targets.start(idle, { node, flags: [flag, "--allow-fs-read=*"] });
    expect(await targets.holdfast(["dump", target.pid])).toEqual(forbidden(target.pid));
    expect(target.signalCode).toBe(null);
  });

  test("a process that was started with --disable-sigusr1 gets no signal, which would end it", async () => {
    const target = await targets.start(idle, { node, flags: ["--disable-sigusr1"] });
    expect(await targets.holdfast(["doctor", target.pid])).toEqual(
      refused(
        69,
        `process ${target.pid} does not listen for SIGUSR1, which would end it: it was started with --disable-sigusr1, or is still starting\n  start it with --inspect, or call dump() of holdfast/inspect in it`,
      ),
    );
    expect(target.signalCode).toBe(null);
  });
});

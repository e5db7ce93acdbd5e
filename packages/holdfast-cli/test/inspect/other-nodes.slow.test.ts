/** What is seen of processes of the other Nodes that the tool is for. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "../harness.ts";
import { testDoctor } from "./doctor-tests.ts";
import { forbidden, idle, refused } from "./refusals.ts";
import { freePort, otherNodes, Targets } from "./target.ts";
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

describe("a process whose permissions allow an inspector", () => {
  const node = nodes.find((path) => path.includes("node-26")) ?? "";

  test("and no answer to be written gets no signal", async () => {
    const target = await targets.start(idle, {
      node,
      flags: ["--permission", "--allow-inspector", "--allow-fs-read=*", "--allow-fs-write=/nowhere/*"],
    });
    expect(await targets.holdfast(["dump", target.pid], { TMPDIR: "/tmp" })).toEqual(
      refused(
        69,
        `process ${target.pid} was started with --permission and may not read and write in /tmp, where its answer would lie\n  start it with --allow-fs-read and --allow-fs-write for /tmp/* as well, or set TMPDIR to a folder that it may use`,
      ),
    );
    expect(target.signalCode).toBe(null);
  });

  test("and its answer to be written is looked into", async () => {
    const flags = ["--permission", "--allow-inspector", "--allow-fs-read=*", "--allow-fs-write=/tmp/*"];
    const target = await targets.start(idle, { node, flags: [...flags, `--inspect-port=${await freePort()}`] });
    const { code, stderr } = await targets.holdfast(["dump", target.pid], { TMPDIR: "/tmp" });
    expect([code, stderr]).toEqual([0, ""]);
  });

  test("and that may not read the library says so", async () => {
    const temporary = join(targets.folder, "temporary");
    mkdirSync(temporary);
    const files = ["--allow-fs-read", "--allow-fs-write"].map((flag) => `${flag}=${targets.folder}/*`);
    const flags = ["--permission", "--allow-inspector", ...files, `--inspect-port=${await freePort()}`];
    const target = await targets.start(idle, { node, flags });
    const { code, stderr } = await targets.holdfast(["dump", target.pid], { TMPDIR: temporary });
    expect([code, stderr.split("\n")[0]]).toEqual([
      69,
      expect.stringMatching(new RegExp(`^holdfast: process ${target.pid} could not be looked into: .*`, "u")),
    ]);
  });
});

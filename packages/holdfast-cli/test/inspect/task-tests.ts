/** What is seen of a program that uses the library: five tasks in each other. */
import { expect, test } from "../harness.ts";
import { freePort } from "./target.ts";
import type { Targets } from "./target.ts";

const program = `import { sleep, taskGroup } from "holdfast";
async function load({ signal }) {
  await sleep(60_000, { signal });
}
async function nest(depth, signal) {
  await taskGroup(
    (group) => void group.spawn((context) => depth === 5 ? load(context) : nest(depth + 1, context.signal), { name: "level " + depth }),
    { name: "group " + depth, signal },
  );
}
setTimeout(() => console.log("ready"), 20);
await nest(1);
`;

/** What is seen of each task, as deep as it is. */
function level(depth: number): readonly string[] {
  const indent = " ".repeat((depth - 1) * 6);
  const awaited =
    depth === 1
      ? [
          `${indent}   │  awaited outside of any task`,
          `${indent}   │      at nest (app.mjs:6:3)`,
          `${indent}   │      at app.mjs:12:1`,
        ]
      : [];
  const spawned = `${indent}   └─ task ${depth} "level ${depth}", running for N s, spawned taskGroup.name (app.mjs:7:27)`;
  const waits =
    depth === 5
      ? [`${indent}         waits for sleep, N s left`, `${indent}             at load (app.mjs:3:3)`]
      : [
          `${indent}      │  waits for the tasks of group "group ${depth + 1}"`,
          `${indent}      │      at nest (app.mjs:6:3)`,
        ];
  return [`${indent}└─ group "group ${depth}", called nest (app.mjs:6:9)`, ...awaited, spawned, ...waits];
}

/** On that Node, by targets with the library installed. */
export function testTasks(node: string, targetsOf: () => Targets): void {
  test("dump shows five nested tasks as a tree, and the await stack of each", async () => {
    const target = await targetsOf().start(program, { node, flags: [`--inspect-port=${await freePort()}`] });
    const { code, stdout, stderr } = await targetsOf().holdfast(["dump", target.pid]);
    const lines = stdout
      .split("\n")
      .slice(1, -2)
      .map((line) => line.replaceAll(/\d+(?:\.\d+)? m?s/gu, "N s"));
    expect([code, stderr, lines]).toEqual([
      0,
      "",
      [...[1, 2, 3, 4, 5].flatMap(level), "4 waits at nest (app.mjs:6:3)"],
    ]);
  });
}

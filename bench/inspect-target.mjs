// @ts-check
/** A process to be looked into: `tasks N`, `heap MB`, or `busy`, which tells on its channel how long an await took. */
import { taskGroup } from "holdfast";

const [mode, size = "0"] = process.argv.slice(2);
/** @type {object[]} */
const held = [];
// A variable that nobody reads any more holds nothing.
Reflect.set(globalThis, "held", held);

if (mode === "busy") await beBusy();
else {
  if (mode === "heap") for (let made = 0; made < Number(size) * 2 ** 20; made += 16_000) held.push(bulk());
  const group = taskGroup(async (tasks) => {
    for (let index = 0; index < (mode === "tasks" ? Number(size) : 5); index += 1)
      tasks.spawn(({ sleep }) => sleep(3_600_000));
  });
  setTimeout(() => process.send?.("ready"), 100);
  await group;
}

/** About 16,000 bytes in 300 objects, as a heap has it. */
function bulk() {
  return Array.from({ length: 100 }, (_, index) => ({ index, text: `${index}`.padStart(8), list: [index, index + 1] }));
}

/** Tells, four times a second, the nanoseconds of an await since it last told. Ends with its channel. */
async function beBusy() {
  process.once("disconnect", () => process.exit());
  process.send?.("ready");
  const slice = async () => {
    for (let count = 0; count < 10_000; count += 1) await count;
  };
  for (;;) {
    const began = process.hrtime.bigint();
    let awaits = 0;
    while (process.hrtime.bigint() - began < 250_000_000n) {
      await slice();
      awaits += 10_000;
      // Signals, timers and connections have their turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
    process.send?.(Number(process.hrtime.bigint() - began) / awaits);
  }
}

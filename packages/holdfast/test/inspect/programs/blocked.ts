/** Blocks its event loop in the way that the first argument names. */
import { execFileSync } from "node:child_process";
import { setImmediate as turn } from "node:timers/promises";
import { taskGroup } from "holdfast";
import { watchdog } from "holdfast/inspect";

function spin(ms: number): number {
  const end = performance.now() + ms;
  let count = 0;
  while (performance.now() < end) count++;
  return count;
}

async function parseHuge(ms: number): Promise<void> {
  await turn();
  spin(ms);
}

/** Turns the loop for so many milliseconds. */
async function idle(ms: number): Promise<void> {
  const end = performance.now() + ms;
  while (performance.now() < end) await turn();
}

const dog = watchdog({ threshold: Number(process.argv[3]) });
// What does not block for ever begins when the thread is up.
if (process.argv[4] === "warm") await idle(400);

switch (process.argv[2]) {
  case "task":
    await taskGroup((group) => {
      group.spawn(
        async () => {
          await parseHuge(Infinity);
        },
        { name: "report" },
      );
    });
    break;
  case "first-step":
    await taskGroup((group) => {
      group.spawn(
        () => {
          spin(Infinity);
        },
        { name: "eager" },
      );
    });
    break;
  case "outside":
    spin(Infinity);
    break;
  case "once":
    spin(1500);
    await turn();
    break;
  case "native":
    // Nothing in the program can be interrupted meanwhile.
    execFileSync(process.execPath, ["-e", "setTimeout(() => {}, 500)"]);
    // Or the process would be gone before its watchdog can say so.
    await idle(300);
    break;
  case "moved":
    // As if the loop had turned before it was asked.
    Reflect.set(globalThis, Symbol.for("holdfast.beats/1"), Int32Array.of(-5));
    spin(700);
    await idle(300);
    break;
  case "short":
    for (let index = 0; index < 5; index++) {
      spin(50);
      await turn();
    }
    break;
  default:
    // Nothing to do: the program ends.
    break;
}
if (process.argv[4] === "dispose") dog[Symbol.dispose]();

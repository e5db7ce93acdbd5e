/** Waits that nobody gets to await, because another one threw first. Their cancellation must not crash the process. */
import { sleep, taskGroup } from "holdfast";

try {
  await taskGroup(async (group) => {
    const pause = sleep(60_000, { signal: group.signal });
    const [a, b] = [
      group.spawn(() => sleep(60_000, { signal: group.signal })),
      group.spawn(() => Promise.reject(new Error("b failed"))),
    ];
    const [p, q] = [a.join(), b.join()];
    await p;
    await q;
    await pause;
  });
} catch (error) {
  process.stdout.write(`${String(error)}\n`);
}

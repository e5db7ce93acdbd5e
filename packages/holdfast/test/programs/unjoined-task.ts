/** Nobody joins the task that fails; its group reports it, and that is enough. */
import { sleep, taskGroup } from "holdfast";

try {
  await taskGroup(async (group) => {
    const failing = group.spawn(() => Promise.reject(new Error("unjoined")));
    void failing.join();
    await sleep(20);
    void failing.join();
  });
} catch (error) {
  process.stdout.write(`${String(error)}\n`);
}
await sleep(20);
process.stdout.write("end\n");

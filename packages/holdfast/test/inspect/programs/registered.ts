/** Leaves a task behind. */
import { sleep, taskGroup } from "holdfast";

void taskGroup((group) => {
  group.spawn(() => sleep(50_000), { name: "left" });
});
setImmediate(() => process.exit());

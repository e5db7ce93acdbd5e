/** Nobody awaits the group, and it fails: the host must say so, and stop. */
import { sleep, taskGroup } from "holdfast";

void taskGroup((group) => {
  group.spawn(async function charge() {
    await sleep(1);
    throw new Error("card declined");
  });
});
setTimeout(() => process.stdout.write("went on\n"), 500);

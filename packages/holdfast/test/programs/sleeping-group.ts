/** Nothing but sleeping tasks keep this process: it must not end before them. */
import { sleep, taskGroup } from "holdfast";

void taskGroup((group) => {
  group.spawn(() => sleep(100).then(() => process.stdout.write("task\n")));
  group.spawn(({ sleep: pause }) => pause(50));
}).then(() => process.stdout.write("group\n"));

/** Whether V8 still treats tasks that were looked at as objects of a fixed shape. Run with --allow-natives-syntax. */
import { sleep, type Task, taskGroup } from "holdfast";
import { dump } from "holdfast/inspect";

// The syntax is V8's own, which no parser of ours knows. Holds: it is a function of one argument.
// oxlint-disable-next-line typescript/no-implied-eval
const isFast = new Function("subject", "return %HasFastProperties(subject)") as (subject: object) => boolean;

void taskGroup((group) => {
  const tasks: Task<void>[] = [];
  for (let index = 0; index < 10; index++) tasks.push(group.spawn(() => sleep(50_000)));
  setImmediate(() => {
    const { scopes } = dump();
    dump();
    process.stdout.write(JSON.stringify([scopes.length, tasks.filter(isFast).length]));
    process.exit(0);
  });
});

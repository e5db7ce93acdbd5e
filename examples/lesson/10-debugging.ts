/** 10. An error with everything that is known about it, and the tasks that the process waits for. */
import { taskGroup } from "holdfast";
import type { Context } from "holdfast";
import { formatError, taskTree } from "holdfast/lifecycle";

class ValueError extends Error {
  override readonly name = "ValueError";
}

async function problematic({ sleep }: Context): Promise<never> {
  await sleep(1_000);
  throw new ValueError("Something went wrong");
}

async function showError(): Promise<void> {
  try {
    await taskGroup((group) => group.spawn(problematic).join());
  } catch (error) {
    console.log("Full async traceback:");
    console.log(formatError(error));
    if (!(error instanceof AggregateError)) throw error;
    for (const failure of error.errors) {
      if (!(failure instanceof Error)) throw failure;
      console.log(`\nException type: ${failure.name}`);
      console.log(`Exception value: ${failure.message}`);
      console.log("\nStack trace:");
      console.log(failure.stack?.split("\n").slice(1).join("\n"));
    }
  }
}

async function showPending(): Promise<void> {
  await taskGroup(
    async (group) => {
      group.spawn(({ sleep }) => sleep(10_000), { name: "ten seconds" });
      group.spawn(({ sleep }) => sleep(20_000), { name: "twenty seconds" });
      // They start when this function lets go for a moment.
      await group.spawn(() => {}).join();
      const tree = taskTree();
      console.log(`Pending tasks: ${tree.tasks}`);
      console.log(String(tree));
      group.cancel();
    },
    { name: "pending" },
  );
}

export async function main(): Promise<void> {
  await showError();
  await showPending();
}

/** 2. A task runs on while its owner does other work; who joins it gets its error, and so does who awaits its group. */
import { findError, sleep, taskGroup } from "holdfast";
import type { TaskContext } from "holdfast";

class JobError extends Error {
  override readonly name = "JobError";
}

async function failAfterASecond({ sleep: pause }: TaskContext): Promise<never> {
  await pause(1_000);
  throw new JobError("Task failed!");
}

export async function main(): Promise<void> {
  try {
    await taskGroup(async (group) => {
      const task = group.spawn(failAfterASecond);
      await otherWork(group.signal);
      await task.join();
    });
  } catch (error) {
    // A group throws an ErrorGroup, for one error as for many. Had nobody joined the task, its error would be here all the same.
    const failure = findError(error, JobError);
    if (failure === undefined) throw error;
    console.log(`Task failed: ${failure.message}`);
  }
}

async function otherWork(signal: AbortSignal): Promise<void> {
  await sleep(500, { signal });
}

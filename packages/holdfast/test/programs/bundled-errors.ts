/** An error that has come through the library, bundled with it in one file. */
import { map, taskGroup } from "holdfast";
import { formatError } from "holdfast/lifecycle";

async function query(): Promise<never> {
  await Promise.resolve();
  throw new Error("no such user");
}

async function main(): Promise<void> {
  await taskGroup(
    async (group) => {
      group.spawn(async ({ signal }) => await map([1], async () => await query(), { concurrency: 1, signal }), {
        name: "load",
      });
    },
    { name: "request" },
  );
}

await main().catch((error: unknown) => process.stdout.write(`${formatError(error)}\n`));

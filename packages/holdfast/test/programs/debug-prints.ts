/** What Node prints of an error that has failed tasks. */
import { map, taskGroup } from "holdfast";
import { runMain } from "holdfast/lifecycle";

async function query(id: number): Promise<never> {
  await Promise.resolve();
  throw new TypeError(`no user ${id}`, { cause: new Error("ENOENT") });
}

await runMain(async function importUsers({ signal }) {
  await taskGroup(
    async (group) => {
      group.spawn(
        async (context) => {
          try {
            await map([1], async (id) => await query(id), { concurrency: 1, signal: context.signal });
          } catch (error) {
            // oxlint-disable-next-line no-console -- that is what it is about
            console.error(error);
          }
        },
        { name: "load" },
      );
    },
    { signal, name: "import" },
  );
});

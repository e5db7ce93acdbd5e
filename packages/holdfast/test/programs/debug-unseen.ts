/** Failures in groups that nobody closes: one that goes on, one that was cancelled by it; and one that is told to a hook, which is no loss. */
import { openTaskGroup } from "holdfast";
import { runMain } from "holdfast/lifecycle";

const fail = (message: string) => async (): Promise<never> => {
  throw new Error(message);
};

/** Resolves when `text` was written to stderr. */
function told(text: string): Promise<void> {
  const { stderr } = process;
  const write = stderr.write.bind(stderr);
  return new Promise((resolve) => {
    stderr.write = (chunk: Uint8Array | string): boolean => {
      if (String(chunk).includes(text)) resolve();
      return write(chunk);
    };
  });
}

await runMain(async function serve({ sleep }) {
  const isTold = told('group "io"');
  const [plugins, connection] = [openTaskGroup({ name: "plugins", stopOnError: false }), openTaskGroup({ name: "io" })];
  const hooked = openTaskGroup({ name: "hooked", onTaskError: () => void process.stdout.write("hook\n") });
  hooked.spawn(fail("told"), { name: "told" });
  plugins.spawn(fail("no such plugin"), { name: "load" });
  connection.spawn(fail("reset"), { name: "read" });
  await isTold;
  plugins.spawn(fail("too late"), { name: "reload" });
  await sleep(1);
  process.stdout.write("end\n");
  process.exit();
});

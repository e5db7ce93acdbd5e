/** Returns, and leaves behind what holds the process. */
import { runMain } from "holdfast/lifecycle";

await runMain(
  async function report() {
    setInterval(() => {}, 1_000);
  },
  { grace: 100 },
);

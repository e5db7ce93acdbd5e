// @ts-check
/** Preloaded with `--import`: writes the peak of memory to $BENCH_MEMORY_FILE when the process exits. */
import { writeFileSync } from "node:fs";

const path = process.env["BENCH_MEMORY_FILE"];
if (path === undefined) throw new Error("BENCH_MEMORY_FILE is not set; it names the file that the peak goes to");

let peakHeap = 0;
function sample() {
  peakHeap = Math.max(peakHeap, process.memoryUsage().heapUsed);
}
// Sampled: the heap's own peak is not kept by anybody. The peak of RSS is, by the system.
setInterval(sample, 20).unref();

process.on("exit", () => {
  sample();
  writeFileSync(path, JSON.stringify({ peakRss: process.resourceUsage().maxRSS * 1024, peakHeap }));
});

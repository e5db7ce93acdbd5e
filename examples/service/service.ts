/**
 * `npm run example:service`: an order service, as a process that ends in order. It prints what it is doing as JSON lines, and when it has stopped, what it has counted.
 *
 *   UPSTREAM=http://… DATABASE=orders.db PORT=8080 npm run example:service
 *
 * Without UPSTREAM it starts one of its own, with faults.
 */
import { gracefulShutdown, runMain } from "holdfast/lifecycle";
import { startApp } from "./app.ts";
import { startTelemetry } from "./telemetry.ts";
import { FAULTS, startUpstream } from "./upstream.ts";

const { UPSTREAM, DATABASE = ":memory:", PORT = "0", LEVEL = "info", DELAY = "0" } = process.env;
const telemetry = startTelemetry(LEVEL);
const { handler, log } = telemetry;
const shutdown = gracefulShutdown({ delay: Number(DELAY), timeout: 10_000 });

await runMain(
  async function service() {
    const own = UPSTREAM === undefined ? await startUpstream(FAULTS) : undefined;
    const upstream = UPSTREAM ?? own?.url ?? "";
    await startApp({ port: Number(PORT), database: DATABASE, upstream, telemetry, shutdown });
    shutdown.add({
      name: "telemetry",
      close: () => own?.[Symbol.asyncDispose](),
      flush: async () => {
        await telemetry.flush();
        const { total, byKind, byType, byCode, suppressed } = handler.stats();
        log.info({ total, counted: telemetry.counted(), byKind, byType, byCode, suppressed }, "errors");
      },
    });
    await shutdown.join();
  },
  { handler, shutdown },
);

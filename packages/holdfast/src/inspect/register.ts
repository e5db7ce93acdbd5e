/**
 * For programs that don't know of it: `HOLDFAST_INSPECT=dump-on-exit,watchdog=200ms node --import holdfast/inspect/register app.js`. The one module of the library whose import does something.
 */
import { inspectAs } from "./environment.ts";

const setting = process.env["HOLDFAST_INSPECT"];
if (setting !== undefined && setting !== "") inspectAs(setting);

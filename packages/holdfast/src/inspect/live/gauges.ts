/**
 * How busy the process is, by the share of time in which the event loop did not wait, and by how late a timer comes.
 */
import { performance } from "node:perf_hooks";
import { now } from "../../core/lowlevel.ts";
import { LoopDelay } from "./loop-delay.ts";
import type { LiveGauges } from "./protocol.ts";
import { TaskCounter } from "./task-counter.ts";

export class Gauges {
  readonly #delay = new LoopDelay();
  readonly #tasks = new TaskCounter();
  #utilization = performance.eventLoopUtilization();
  #asked: number = now();

  /** Of the time since the call before. */
  sinceLast(): LiveGauges {
    const asked = now();
    const utilization = performance.eventLoopUtilization();
    const busy = performance.eventLoopUtilization(utilization, this.#utilization).utilization;
    const delay = this.#delay.sinceLast();
    const { heapUsed, heapTotal } = process.memoryUsage();
    const tasks = this.#tasks.sinceLast();
    const span = asked - this.#asked;
    this.#utilization = utilization;
    this.#asked = asked;
    return {
      uptime: process.uptime() * 1000,
      span,
      busy,
      delay,
      heap: { used: heapUsed, total: heapTotal },
      tasks,
      pause: now() - asked,
    };
  }

  stop(): void {
    this.#delay.stop();
  }
}

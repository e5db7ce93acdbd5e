/**
 * How an error handler is set up: what may be said, what is meant when nothing is said, and what is refused.
 */
import { checkCount, checkFunction, checkOneOf } from "../core/lowlevel.ts";
import { checkRules, type ClassifyRule } from "./classify.ts";
import type { ReportRate } from "./error-handler-rate.ts";
import {
  ERROR_KINDS,
  type ErrorContext,
  type ErrorFacts,
  type ErrorKind,
  type Reporter,
} from "./error-handler-record.ts";
import { consoleReporter } from "./reporters/console.ts";

export interface ErrorHandlerOptions {
  /** Where reports go. Default: one to the console. An empty list is fine: then errors are only counted. */
  readonly reporters?: readonly Reporter[] | undefined;
  /** What is asked before the handler's own judgement, see {@link ClassifyRule}; the first that matches says it. */
  readonly classify?: readonly ClassifyRule[] | undefined;
  /** Kinds that are counted and not reported. Default: "cancelled". */
  readonly silent?: readonly ErrorKind[] | undefined;
  /** Replaces the fingerprint, or keeps it with undefined. Must be stable: not with the time in it. */
  readonly fingerprint?: ((facts: ErrorFacts) => string | undefined) | undefined;
  /** What is known wherever an error is reported, like a request id of your own AsyncLocalStorage. What `run` and `report` are given goes before it. */
  readonly context?: (() => ErrorContext | undefined) | undefined;
  /** Whether `run` passes its context on to what is reported inside, through an AsyncLocalStorage of its own, made with the first context. Default true. */
  readonly asyncContext?: boolean | undefined;
  /** Fingerprints that are remembered, with a sample of each. Default 1,000, about 5 kB each at most. */
  readonly maxFingerprints?: number | undefined;
  /** Reports in total. Default 20 per second, 100 at once. */
  readonly rate?: ReportRate | undefined;
  /** Reports of each fingerprint. Default 1 per second, 5 at once. */
  readonly fingerprintRate?: ReportRate | undefined;
}

export interface HandlerSettings {
  readonly reporters: readonly Reporter[];
  readonly classify: readonly ClassifyRule[];
  readonly silent: readonly ErrorKind[];
  readonly fingerprint: ((facts: ErrorFacts) => string | undefined) | undefined;
  readonly context: (() => ErrorContext | undefined) | undefined;
  readonly asyncContext: boolean;
  readonly maxFingerprints: number;
  readonly rate: ReportRate;
  readonly fingerprintRate: ReportRate;
}

/** @throws {TypeError | RangeError} naming the option that can't be */
export function checkHandler(options: ErrorHandlerOptions): HandlerSettings {
  const {
    reporters = [consoleReporter()],
    classify = [],
    silent = ["cancelled"],
    fingerprint,
    context,
    asyncContext = true,
    maxFingerprints = 1000,
    rate = { perSecond: 20, burst: 100 },
    fingerprintRate = { perSecond: 1, burst: 5 },
  } = options;
  const owner = "errorHandler";
  if (!Array.isArray(reporters)) throw new TypeError(`${owner}: reporters takes a list, got ${typeof reporters}`);
  reporters.forEach(checkReporter);
  checkRules(classify);
  for (const kind of silent) checkOneOf("silent", kind, ERROR_KINDS, owner);
  if (fingerprint !== undefined) checkFunction("fingerprint", fingerprint, owner);
  if (context !== undefined) checkFunction("context", context, owner);
  if (typeof asyncContext !== "boolean")
    throw new TypeError(`${owner}: asyncContext must be true or false, got ${typeof asyncContext}`);
  checkCount("maxFingerprints", maxFingerprints, 1, owner);
  checkRate("rate", rate);
  checkRate("fingerprintRate", fingerprintRate);
  return { reporters, classify, silent, fingerprint, context, asyncContext, maxFingerprints, rate, fingerprintRate };
}

function checkReporter(reporter: { readonly name: string; readonly report: unknown } | undefined): void {
  if (typeof reporter?.name !== "string")
    throw new TypeError("errorHandler: a reporter needs a name; pass { name, report(record) { … } }");
  checkFunction(`errorHandler: reporter "${reporter.name}": report`, reporter.report);
}

function checkRate(name: string, rate: ReportRate): void {
  checkCount(`errorHandler: ${name}.burst`, rate.burst, 1);
  if (!(typeof rate.perSecond === "number" && rate.perSecond > 0))
    throw new RangeError(`errorHandler: ${name}.perSecond must be a number > 0, got ${String(rate.perSecond)}`);
}

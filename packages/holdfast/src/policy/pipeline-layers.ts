/**
 * The layers of a pipeline: each is made once of what the pipeline was given, and then calls what is inside it, once for each call of the pipeline or more often.
 */
import { type Context, type Run, TimeoutError } from "../core/index.ts";
import {
  attemptLimits,
  checkAttempts,
  checkDuration,
  ContextScope,
  type Limits,
  type Named,
  Operation,
  reasonOf,
  type RetryOptions,
  retryUnder,
  Scope,
  ScopedOptions,
  scopeOf,
} from "../core/lowlevel.ts";
import { bulkhead, type BulkheadOptions } from "./bulkhead.ts";
import { circuitBreaker } from "./circuit-breaker.ts";
import type { CircuitBreakerOptions } from "./circuit-breaker-options.ts";
import { checkFallback, type FallbackOptions, fallbackUnder } from "./fallback.ts";
import { checkHedge, type HedgeOptions, hedgeUnder } from "./hedge.ts";
import { type Policy, type PolicyCallOptions } from "./policy.ts";
import { StatePolicy } from "./policy-states.ts";
import { rateLimit } from "./rate-limit.ts";
import type { RateLimitOptions } from "./rate-limit-options.ts";

/** The layers in the order in which they make sense, the outermost first. Each is what its own function takes, or a policy that is there already and may be shared. */
export interface PipelineLayers<F = never> {
  /** Covers what fails in spite of all the others. */
  readonly fallback?: Omit<FallbackOptions<F>, "name" | "signal"> | Policy | undefined;
  /** Milliseconds for all of it, retries and their waits included; then a TimeoutError, layer "total". */
  readonly totalTimeout?: number | Policy | undefined;
  readonly retry?: Omit<RetryOptions, "name" | "signal"> | Policy | undefined;
  /** Sees each attempt, and refuses them while it is open. */
  readonly circuitBreaker?: CircuitBreakerOptions | Policy | undefined;
  readonly rateLimit?: RateLimitOptions | Policy | undefined;
  /** Holds a place as long as an attempt runs, its hedges included. */
  readonly bulkhead?: BulkheadOptions | Policy | undefined;
  readonly hedge?: Omit<HedgeOptions, "name" | "signal"> | Policy | undefined;
  /** Milliseconds for each single call of the function; then a TimeoutError, layer "timeout". */
  readonly timeout?: number | Policy | undefined;
}

/** What a layer is called, as in the object form of a {@link pipeline}. */
export type LayerName = keyof PipelineLayers;

/** One call of a pipeline. */
export interface PipelineCall {
  readonly named: Named;
  readonly options: PolicyCallOptions | undefined;
  readonly site: string | undefined;
}

/** Calls what is inside. `context` is that of the layer outside; undefined for the outermost. May throw instead of rejecting. */
export type Layer = <T>(inside: Run<T>, context: Context | undefined, call: PipelineCall) => Promise<T>;

/** What the layers are made with. */
export interface LayerDefaults {
  readonly name: string | undefined;
  readonly grace: number | undefined;
}

/** The scope that the layer runs in. Throws its reason if it is cancelled: then nothing is called. */
function scopeIn(context: Context | undefined, { options }: PipelineCall): Scope {
  // Looks at the context, so that what is outside knows: what is inside will stop.
  context?.throwIfCancelled();
  // The context of somebody else's policy is perhaps no scope, and has a signal.
  if (context instanceof Scope) return context;
  const scope = scopeOf(context === undefined ? options?.signal : context.signal);
  const reason = reasonOf(scope);
  if (reason !== undefined) throw reason;
  return scope;
}

function limitLayer(limits: Limits): Layer {
  const { timeout, layer } = limits;
  return <T>(inside: Run<T>, context: Context | undefined, call: PipelineCall) => {
    const scope = scopeIn(context, call);
    if (timeout <= 0) throw new TimeoutError(call.named.name || "call", timeout, layer);
    return new Operation<T>(scope, call.named, limits, call.site).start(inside);
  };
}

/** Of a pipeline without layers. */
export const plainLayer: Layer = (inside, context, call) => {
  const limits: Limits = { timeout: Infinity, layer: "timeout", grace: Infinity, graceFromCancel: true };
  return limitLayer(limits)(inside, context, call);
};

/** For a policy inside another layer: one of ours finds its place without a signal, and none is made. */
class LayerOptions extends ScopedOptions implements PolicyCallOptions {
  readonly key: string | undefined;
  readonly weight: number | undefined;

  constructor(context: ContextScope, name: string, key: string | undefined, weight: number | undefined) {
    super(context, name);
    this.key = key;
    this.weight = weight;
  }
}

export function policyLayer(policy: Policy): Layer {
  return (inside, context, call) => {
    const { signal, key, weight } = call.options ?? {};
    const { name } = call.named;
    if (context instanceof ContextScope) {
      scopeIn(context, call);
      // Somebody else's may copy its options, and a copy has no getter.
      if (policy instanceof StatePolicy) return policy.run(inside, new LayerOptions(context, name, key, weight));
    }
    return policy.run(inside, { signal: context === undefined ? signal : context.signal, name, key, weight });
  };
}

/** A signal or a name of its own would be in nobody's way, and heard by nobody. @throws {TypeError} */
function refuseOwn(layer: LayerName, options: object): void {
  // Holds: any property may be asked for.
  const { signal, name } = options as { readonly signal?: unknown; readonly name?: unknown };
  const own = signal === undefined ? "name" : "signal";
  if ((signal ?? name) !== undefined)
    throw new TypeError(`pipeline: ${layer} takes no ${own} of its own; pass ${own} to run`);
}

type Makers = {
  readonly [K in LayerName]: (
    options: Exclude<PipelineLayers[K], Policy | undefined>,
    defaults: LayerDefaults,
  ) => Layer;
};

const makers: Makers = {
  fallback: (options) => {
    refuseOwn("fallback", options);
    checkFallback("pipeline: fallback", options);
    return (inside, context, call) => fallbackUnder(inside, options, call.named, scopeIn(context, call));
  },
  totalTimeout: (timeout, { grace }) => {
    checkDuration("totalTimeout", timeout, 0, "pipeline");
    return limitLayer({ timeout, layer: "total", grace, graceFromCancel: true });
  },
  retry: (options, defaults) => {
    refuseOwn("retry", options);
    const settings = { ...options, grace: options.grace ?? defaults.grace };
    checkAttempts("pipeline: retry", settings);
    if (settings.totalTimeout !== undefined) checkDuration("totalTimeout", settings.totalTimeout, 0, "pipeline: retry");
    const limits = attemptLimits(settings);
    return <T>(inside: Run<T>, context: Context | undefined, call: PipelineCall) =>
      retryUnder<T>(inside, settings, limits, call.named, scopeIn(context, call), call.site);
  },
  circuitBreaker: (options, { name }) => policyLayer(circuitBreaker({ name, ...options })),
  rateLimit: (options, { name }) => policyLayer(rateLimit({ name, ...options })),
  bulkhead: (options, { name }) => policyLayer(bulkhead({ name, ...options })),
  hedge: (options, defaults) => {
    refuseOwn("hedge", options);
    const settings = { ...options, grace: options.grace ?? defaults.grace };
    checkHedge("pipeline: hedge", settings);
    return (inside, context, call) => hedgeUnder(inside, settings, call.named, scopeIn(context, call), call.site);
  },
  timeout: (timeout, { grace }) => {
    checkDuration("timeout", timeout, 0, "pipeline");
    return limitLayer({ timeout, layer: "timeout", grace, graceFromCancel: false });
  },
};

/** In order: the outermost first. */
export const LAYER_NAMES: readonly LayerName[] = [
  "fallback",
  "totalTimeout",
  "retry",
  "circuitBreaker",
  "rateLimit",
  "bulkhead",
  "hedge",
  "timeout",
];

/** What one place of a pipeline was given. */
export interface LayerSpec {
  readonly layer: LayerName | "policy";
  readonly value: unknown;
}

export function isPolicy(value: unknown): value is Policy {
  // Holds: any property may be asked for; what is none is undefined.
  const { run, wrap } = (value ?? {}) as { readonly run?: unknown; readonly wrap?: unknown };
  return typeof run === "function" && typeof wrap === "function";
}

/** @throws {RangeError | TypeError} naming the layer, the option, the value and what it must be */
export function makeLayer({ layer, value }: LayerSpec, defaults: LayerDefaults): Layer {
  if (isPolicy(value)) return policyLayer(value);
  if (layer !== "timeout" && layer !== "totalTimeout" && (typeof value !== "object" || value === null))
    throw new TypeError(`pipeline: ${layer} takes options or a policy, got ${String(value)}`);
  // Holds: the maker of that name checks what it is given.
  return makers[layer as LayerName](value as never, defaults);
}

/**
 * Policies around each other, as one.
 *
 *   fallback ( totalTimeout ( retry ( circuitBreaker ( rateLimit ( bulkhead ( hedge ( timeout ( your function ))))))))
 *
 * Invariants
 * - PIPELINE-1: layers given by name are in that order, whatever order they were written in; layers given as a list are in the order of the list, the first outermost.
 * - PIPELINE-2: what ends a layer ends all that is inside it: after an outer timeout or an abort, no further attempt is made.
 * - PIPELINE-3: a layer that is alone behaves as the function of its name.
 */
import type { Awaitable, Context, Run } from "../core/index.ts";
import { budgetedCallSite, checkDuration, checkFunction, rejecting } from "../core/lowlevel.ts";
import {
  isPolicy,
  type Layer,
  LAYER_NAMES,
  type LayerDefaults,
  type LayerName,
  type LayerSpec,
  makeLayer,
  type PipelineCall,
  type PipelineLayers,
  plainLayer,
} from "./pipeline-layers.ts";
import { type Policy, type PolicyCallOptions, wrapWith, type WrapOptions } from "./policy.ts";

/** What a pipeline is told beside its layers. */
export interface PipelineSettings {
  /** Of the policies that it makes, in errors and events; and of calls whose function has no name. */
  readonly name?: string | undefined;
  /** Milliseconds that cancelled work has to stop before it is abandoned, for layers that are not told themselves. Default: as the function of each layer says. */
  readonly grace?: number | undefined;
}

/** The layers by name; their order is fixed. Those that are undefined are left out. */
export interface PipelineOptions<F = never> extends PipelineSettings, PipelineLayers<F> {}

/** A place in a list of layers: a policy, or one layer by its name. */
export type PipelineLayer<F = never> =
  | Policy
  | { readonly [K in LayerName]: { readonly [L in K]: PipelineLayers<F>[L] } }[LayerName];

/** What the function is given. */
export interface PipelineContext extends Context {
  /** Which call of the function it is, of those made for this call of the pipeline: 1 for the first, more with retries and hedges. */
  readonly attempt: number;
}

/** A layer as data: what it was given, with `"function"` for functions; or whose policy it is. */
export interface LayerDescription {
  readonly layer: LayerName | "policy";
  readonly options?: unknown;
  /** What a policy that was there already says of itself: its own description, or its name. */
  readonly policy?: unknown;
}

/** A {@link Pipeline} as data, as its `describe()` gives it. */
export interface PipelineDescription {
  readonly name: string | undefined;
  /** The outermost first. */
  readonly layers: readonly LayerDescription[];
}

/** Calls functions through its layers. `F` is what a fallback may return instead. */
export interface Pipeline<F = never> {
  readonly name: string | undefined;
  /** Calls `fn` through all layers. `key` and `weight` reach those that take them. The outermost layer says with what it rejects. */
  run<T>(fn: (context: PipelineContext) => Awaitable<T>, options?: PolicyCallOptions): Promise<T | F>;
  /** A function like `fn`, with its types and its `this`, whose every call is made by `run`. */
  wrap<This, A extends unknown[], T>(
    fn: (this: This, ...args: A) => Awaitable<T>,
    options?: WrapOptions<A>,
  ): (this: This, ...args: A) => Promise<T | F>;
  /** What it is made of, as data that JSON can write. */
  describe(): PipelineDescription;
}

/** The context of the innermost layer, with the number of the call. */
class CallContext implements PipelineContext {
  readonly #context: Context;
  readonly attempt: number;

  constructor(context: Context, attempt: number) {
    this.#context = context;
    this.attempt = attempt;
  }

  get signal(): AbortSignal {
    return this.#context.signal;
  }

  get cancelled(): boolean {
    return this.#context.cancelled;
  }

  get deadline(): number {
    return this.#context.deadline;
  }

  get timeLeft(): number {
    return this.#context.timeLeft;
  }

  get sleep(): (ms: number) => Promise<void> {
    return this.#context.sleep;
  }

  get throwIfCancelled(): () => void {
    return this.#context.throwIfCancelled;
  }
}

/**
 * A pipeline of policies. Given an object, the layers are in the one order that makes sense: `fallback`, `totalTimeout`, `retry`, `circuitBreaker`, `rateLimit`, `bulkhead`, `hedge`, `timeout`,
 * the outermost first: a retry waits outside the breaker and the bulkhead, so that it holds no place meanwhile, and each call has a timeout of its own. Given a list, the first is outermost, as it is written.
 *
 * A layer is what the function of its name takes (without `signal` and `name`, which each call has), or any policy, which may be shared by other pipelines. Policies with state that the pipeline makes are its own.
 *
 * What ends an outer layer ends what is inside. What a breaker, bulkhead or rate limit refuses is not tried again, unless `shouldRetry` says so. Deadlines are known inside (`timeLeft`).
 *
 * @throws {TypeError} for an unknown layer, naming those that there are
 * @throws {RangeError | TypeError} for options of a layer that can't be
 */
export function pipeline<F = never>(options: PipelineOptions<F>): Pipeline<F>;
export function pipeline<F = never>(layers: readonly PipelineLayer<F>[], settings?: PipelineSettings): Pipeline<F>;
export function pipeline<F>(
  given: PipelineOptions<F> | readonly PipelineLayer<F>[],
  settings?: PipelineSettings,
): Pipeline<F> {
  if (typeof given !== "object" || given === null)
    throw new TypeError(
      `pipeline takes layers by name, or a list of layers, got ${given === null ? "null" : typeof given}`,
    );
  const isList = isLayerList(given);
  const specs = isList ? given.map(specOf) : specsOf(given);
  const { name, grace } = (isList ? settings : given) ?? {};
  if (grace !== undefined) checkDuration("grace", grace, 0, "pipeline");
  const layers = layersOf(specs, { name, grace });

  const run = <T>(fn: (context: PipelineContext) => Awaitable<T>, options?: PolicyCallOptions): Promise<T> =>
    rejecting(() => {
      checkFunction("pipeline: run", fn);
      const own = options?.name ?? (fn.name || name);
      const call: PipelineCall = {
        named: own === undefined ? fn : { name: own },
        options,
        site: budgetedCallSite(run),
      };
      let attempts = 0;
      const innermost: Run<T> = (context) => fn(new CallContext(context, ++attempts));
      const enter = (index: number, context: Context | undefined): Promise<T> => {
        const layer = layers[index] ?? plainLayer;
        return layer(index + 1 >= layers.length ? innermost : (inner) => enter(index + 1, inner), context, call);
      };
      return enter(0, undefined);
    });
  return {
    name,
    run,
    wrap: (fn, options) => wrapWith({ run }, fn, options),
    describe: () => ({ name, layers: specs.map(describe) }),
  };
}

function isLayerList<F>(given: PipelineOptions<F> | readonly PipelineLayer<F>[]): given is readonly PipelineLayer<F>[] {
  return Array.isArray(given);
}

function unknownLayer(what: string): TypeError {
  return new TypeError(`pipeline: ${what}; the layers are ${LAYER_NAMES.join(", ")}`);
}

function specsOf(options: PipelineOptions<unknown>): LayerSpec[] {
  for (const key of Object.keys(options))
    if (key !== "name" && key !== "grace" && !LAYER_NAMES.some((layer) => layer === key))
      throw unknownLayer(`${JSON.stringify(key)} is no layer`);
  return LAYER_NAMES.filter((layer) => options[layer] !== undefined).map((layer) => ({ layer, value: options[layer] }));
}

function specOf(given: unknown, index: number): LayerSpec {
  if (isPolicy(given)) return { layer: "policy", value: given };
  const keys = typeof given === "object" && given !== null ? Object.keys(given) : [];
  const layer = LAYER_NAMES.find((one) => one === keys[0]);
  if (layer === undefined || keys.length > 1)
    throw unknownLayer(
      `place ${index} of the list must be a policy or one layer, got ${keys.join(" and ") || String(given)}`,
    );
  // Holds: that is its key.
  return { layer, value: (given as PipelineLayers)[layer] };
}

function layersOf(specs: readonly LayerSpec[], defaults: LayerDefaults): Layer[] {
  const merged: LayerSpec[] = [];
  for (const spec of specs) {
    const outer = merged.at(-1);
    // With a retry right inside it, the limit is the retry's own: its error then has the attempts.
    if (outer?.layer === "totalTimeout" && typeof outer.value === "number" && outer.value >= 0 && isOwnRetry(spec))
      merged[merged.length - 1] = { layer: "retry", value: { ...spec.value, totalTimeout: outer.value } };
    else merged.push(spec);
  }
  return merged.map((spec) => makeLayer(spec, defaults));
}

/** A retry that the pipeline makes, and that has no limit of its own. */
function isOwnRetry(spec: LayerSpec): spec is { readonly layer: "retry"; readonly value: object } {
  const { layer, value } = spec;
  return (
    layer === "retry" &&
    typeof value === "object" &&
    value !== null &&
    !isPolicy(value) &&
    (!("totalTimeout" in value) || value.totalTimeout === undefined)
  );
}

function describe({ layer, value }: LayerSpec): LayerDescription {
  if (!isPolicy(value)) return { layer, options: plain(value) };
  // Holds: any property may be asked for.
  const { name, describe: own } = value as Partial<Pipeline>;
  return { layer, policy: typeof own === "function" ? own.call(value) : (name ?? "unnamed") };
}

/** What JSON can write. */
function plain(value: unknown): unknown {
  if (typeof value === "function") return "function";
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([key, member]) => [key, plain(member)]),
  );
}

/**
 * All that core, sync, policy, batch and testing ask of a host. A name that is not listed here does not compile there, which is
 * what keeps them running on Node, Bun, Deno, in browsers and in workers alike. Not published: a user's own lib types take over.
 */
/// <reference lib="esnext.disposable" />

interface AbortSignal {
  readonly aborted: boolean;
  // The platform's own type: anything may be passed to abort().
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly reason: any;
  addEventListener(type: "abort", listener: { handleEvent(): void } | (() => void)): void;
  removeEventListener(type: "abort", listener: { handleEvent(): void } | (() => void)): void;
}

interface AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}

declare var AbortController: { prototype: AbortController; new (): AbortController };

declare function setTimeout(callback: () => void, delay: number): unknown;
declare function clearTimeout(handle: unknown): void;
declare var performance: { now(): number };
declare var console: { error(...values: unknown[]): void };

interface ErrorConstructor {
  /** V8 (Node, Deno, Chromium) and JavaScriptCore; absent elsewhere. */
  captureStackTrace?: (target: object, above?: unknown) => void;
  stackTraceLimit?: number;
}

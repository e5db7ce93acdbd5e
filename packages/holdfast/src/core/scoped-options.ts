/**
 * Options of a call that is made below a context: whoever takes a signal finds the place in the tree without one, so no controller is made for it.
 */
import { type Scope, scopeOf } from "./cancel.ts";
import type { ContextScope } from "./context.ts";

/** As every `signal` option, for those who know no better. */
export class ScopedOptions {
  readonly scope: ContextScope;
  readonly name: string | undefined;

  constructor(scope: ContextScope, name: string | undefined) {
    this.scope = scope;
    this.name = name;
  }

  get signal(): AbortSignal {
    return this.scope.signal;
  }
}

/** The scope that a call with these options is made in. @throws {TypeError} for a signal that is none */
export function scopeOfCall(options: { readonly signal?: AbortSignal | undefined } | undefined): Scope {
  return options instanceof ScopedOptions ? options.scope : scopeOf(options?.signal);
}

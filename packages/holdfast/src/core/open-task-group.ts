/**
 * A group for an object with a life of its own: a server, a plugin, a connection.
 */
import { reasonOf, scopeOf, type Scope } from "./cancel.ts";
import { Group } from "./group.ts";
import { checkGroup, type GroupOptions } from "./group-options.ts";
import { callSite } from "./spawn-site.ts";
import type { TaskGroup } from "./task.ts";

/** A group without a body: it is open until it is closed. */
export interface OpenTaskGroup extends TaskGroup, AsyncDisposable {
  /** Waits for every task, closes the services, runs the cleanups, and throws as `taskGroup` does. Every call has the same outcome. */
  readonly close: () => Promise<void>;
}

class OpenGroup extends Group implements OpenTaskGroup {
  #closed: Promise<void> | undefined = undefined;

  constructor(parent: Scope, name: string, site: string | undefined, options: GroupOptions) {
    super(parent, name, site, options);
    // Born cancelled: that has cut it short, as a body that is not called.
    if (reasonOf(parent) !== undefined) this.echoed();
    this.open();
  }

  get close(): () => Promise<void> {
    return () => {
      if (this.#closed === undefined) return (this.#closed = this.#end());
      // A promise of its own for each caller: a shared one would cut the stacks of all.
      const closed = this.#closed;
      return (async () => await closed)();
    };
  }

  async #end(): Promise<void> {
    await this.finish();
    // There is no body that could have been cut short by the group's own cancel.
    this.throwIfFailed(true);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed === undefined) this.cancel();
    await this.close();
  }
}

/**
 * A group without a body, open until it is closed: `close()` or `await using` is owed, as for a file. Everything else is as in {@link taskGroup}; under a signal that is
 * aborted already it is born cancelled: what is spawned runs under an aborted signal, and `close()` rejects with the reason.
 *
 * `[Symbol.asyncDispose]` cancels first, then closes.
 *
 * @throws {TypeError | RangeError} for options that can't be
 */
export function openTaskGroup(options: GroupOptions = {}): OpenTaskGroup {
  checkGroup("openTaskGroup", options);
  return new OpenGroup(scopeOf(options.signal), options.name ?? "group", callSite(openTaskGroup), options);
}

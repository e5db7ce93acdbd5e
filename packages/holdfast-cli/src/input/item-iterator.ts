/**
 * Numbers and names the records: one promise for each item, one wait for each block.
 *
 * Callers that come while a block is loading wait for the same load and are served in the order in which they came.
 */
import { CliError } from "../cli-error.ts";
import type { InputItem } from "./input.ts";
import { itemKey, KeyProblem } from "./item-key.ts";
import { KeySet } from "./key-set.ts";
import type { RecordBlock } from "./record-block.ts";

export interface ItemIteratorOptions {
  readonly blocks: AsyncGenerator<RecordBlock, void, void>;
  readonly key: string | undefined;
  readonly onDuplicate: () => void;
  /** Ends a wait for bytes. */
  readonly cancel: () => void;
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

export class ItemIterator implements AsyncIterableIterator<InputItem> {
  readonly #options: ItemIteratorOptions;
  readonly #seen: KeySet | undefined;
  #block: RecordBlock | undefined;
  #loading: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;
  #index = 0;
  #hasEnded = false;

  constructor(options: ItemIteratorOptions) {
    this.#options = options;
    this.#seen = options.key === undefined ? undefined : new KeySet();
  }

  next(): Promise<IteratorResult<InputItem>> {
    if (this.#loading !== undefined) return this.#loading.then(() => this.next());
    if (this.#failure !== undefined) {
      const { error } = this.#failure;
      this.#failure = undefined;
      return Promise.reject(error);
    }
    if (this.#hasEnded) return Promise.resolve(DONE);
    if (this.#block !== undefined) {
      try {
        const item = this.#take(this.#block);
        if (item !== undefined) return Promise.resolve({ done: false, value: item });
      } catch (error) {
        this.#hasEnded = true;
        this.#block = undefined;
        return this.#close().then(() => Promise.reject(error));
      }
    }
    return this.#load().then(() => this.next());
  }

  async return(): Promise<IteratorResult<InputItem>> {
    if (!this.#hasEnded) {
      this.#hasEnded = true;
      this.#block = undefined;
      await this.#close();
    }
    return DONE;
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<InputItem> {
    return this;
  }

  #take(block: RecordBlock): InputItem | undefined {
    while (block.advance()) {
      const index = this.#index++;
      const item = block.value;
      if (this.#options.key === undefined || this.#seen === undefined) return { index, key: undefined, item };
      const key = itemKey(item, this.#options.key);
      if (key instanceof KeyProblem)
        throw new CliError(65, `${block.where()} ${key.reason}; --key needs it in every item`);
      if (this.#seen.add(key)) return { index, key, item };
      this.#options.onDuplicate();
    }
    return undefined;
  }

  /** Never rejects: the first of those who wait with it takes the failure, the others find the end. */
  #load(): Promise<void> {
    this.#loading = this.#options.blocks.next().then(
      (result) => {
        this.#loading = undefined;
        if (this.#hasEnded) return;
        this.#block = result.done === true ? undefined : result.value;
        this.#hasEnded = result.done === true;
      },
      (error: unknown) => {
        this.#loading = undefined;
        if (this.#hasEnded) return;
        this.#hasEnded = true;
        this.#block = undefined;
        this.#failure = { error };
      },
    );
    return this.#loading;
  }

  async #close(): Promise<void> {
    this.#options.cancel();
    await this.#options.blocks.return();
  }
}

/**
 * What has gone wrong, counted: exactly in total, by kind, type, code and task; by fingerprint for those that turned up last.
 *
 * Invariants
 * - STATS-1: the counts of each table add up to the total, whatever was forgotten.
 * - STATS-2: no table has more entries than it was given, however many different errors there are.
 */
import { taskStack } from "../core/index.ts";
import { timeUntil } from "../core/lowlevel.ts";
import type { ErrorFacts, ErrorKind } from "./error-handler-record.ts";
import { TokenBucket, type ReportRate } from "./error-handler-rate.ts";
import { MinuteRate } from "./statistics-window.ts";
import { copyText } from "./text-copy.ts";

/** What an occurrence looked like. Text only: an error would keep its closures alive. */
export interface ErrorSample {
  readonly message: string;
  /** The stack, with the tasks that the error failed; at most 4,000 characters. */
  readonly stack: string;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** All errors with one fingerprint. */
export interface FingerprintStats {
  readonly fingerprint: string;
  readonly kind: ErrorKind;
  readonly type: string;
  readonly code: string | undefined;
  /** The task of the first one. */
  readonly task: string | undefined;
  readonly count: number;
  /** About how many in the last minute. */
  readonly perMinute: number;
  /** Milliseconds since 1970. */
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** Not reported since the last one that was. */
  readonly suppressed: number;
  /** The first one. */
  readonly sample: ErrorSample;
}

/** A copy; it does not change any more. Counts are of errors that are no groups: of a group, its leaves. */
export interface ErrorTables {
  readonly total: number;
  /** About how many in the last minute. */
  readonly perMinute: number;
  readonly byKind: Readonly<Record<ErrorKind, number>>;
  /** By class or, of what is no Error, by type. As in the next two, from the 1,000th key on everything else is counted as "(other)". */
  readonly byType: Readonly<Record<string, number>>;
  /** Without those that have none. */
  readonly byCode: Readonly<Record<string, number>>;
  /** Of errors that no task is known of: "(none)". */
  readonly byTask: Readonly<Record<string, number>>;
  /** Milliseconds since 1970; undefined while there was none. */
  readonly firstSeen: number | undefined;
  readonly lastSeen: number | undefined;
  /** Most frequent first. Those that turned up longest ago are forgotten when there are too many. */
  readonly fingerprints: readonly FingerprintStats[];
  /** How often a fingerprint was forgotten, and how many errors those had. */
  readonly forgotten: { readonly fingerprints: number; readonly errors: number };
}

const MOST_KEYS = 1000;
/** Characters of a key, of a message, and of a stack. */
const MOST_KEY = 500;
const MOST_MESSAGE = 2000;
const MOST_STACK = 4000;

/** Milliseconds since 1970. */
export function wallTime(): number {
  return -timeUntil("1970-01-01T00:00:00.000Z");
}

/** One fingerprint, as long as it is remembered. */
export class Fingerprint {
  readonly facts: Omit<ErrorFacts, "error">;
  readonly sample: ErrorSample;
  readonly bucket: TokenBucket;
  readonly rate: MinuteRate;
  count: number = 0;
  suppressed: number = 0;
  lastSeen: number;

  constructor(facts: ErrorFacts, rate: ReportRate, time: number, wall: number) {
    const message = copyText(facts.message, MOST_MESSAGE);
    this.facts = {
      kind: facts.kind,
      type: copyText(facts.type, MOST_KEY),
      code: facts.code && copyText(facts.code, MOST_KEY),
      message,
      task: facts.task && copyText(facts.task, MOST_KEY),
      fingerprint: copyText(facts.fingerprint, MOST_KEY),
    };
    this.bucket = new TokenBucket(rate, time);
    this.rate = new MinuteRate(time);
    this.lastSeen = wall;
    this.sample = { message, stack: stackOf(facts.error, message), time: wall };
  }
}

function stackOf(error: unknown, message: string): string {
  try {
    return copyText(taskStack(error), MOST_STACK);
  } catch {
    return message;
  }
}

/** Counts by a key of which there may be any number. */
class Table {
  readonly #counts: Map<string, number> = new Map();

  add(name: string): void {
    const key = name.slice(0, MOST_KEY);
    const count = this.#counts.get(key);
    if (count !== undefined) this.#counts.set(key, count + 1);
    else if (this.#counts.size < MOST_KEYS) this.#counts.set(copyText(key, MOST_KEY), 1);
    else this.#counts.set("(other)", (this.#counts.get("(other)") ?? 0) + 1);
  }

  /** Without a prototype: a class may be named "constructor". */
  toRecord(): Record<string, number> {
    const record: Record<string, number> = Object.create(null) as Record<string, number>;
    for (const [key, count] of [...this.#counts].toSorted((a, b) => b[1] - a[1])) record[key] = count;
    return record;
  }
}

export class Statistics {
  readonly #most: number;
  readonly #rate: ReportRate;
  /** The one that turned up last is last. */
  readonly #fingerprints: Map<string, Fingerprint> = new Map();
  readonly #byKind: Record<ErrorKind, number> = { defect: 0, timeout: 0, expected: 0, cancelled: 0 };
  readonly #byType: Table = new Table();
  readonly #byCode: Table = new Table();
  readonly #byTask: Table = new Table();
  readonly #minute: MinuteRate;
  readonly #forgotten = { fingerprints: 0, errors: 0 };
  /** Of fingerprints that were forgotten, not reported. */
  forgottenSuppressed: number = 0;
  #total: number = 0;
  #firstSeen: number | undefined;
  #lastSeen: number | undefined;

  constructor(most: number, rate: ReportRate, time: number) {
    this.#most = most;
    this.#rate = rate;
    this.#minute = new MinuteRate(time);
  }

  get total(): number {
    return this.#total;
  }

  /** Counts one error. `time` is of the monotonic clock, `wall` since 1970. */
  add(facts: ErrorFacts, time: number, wall: number): Fingerprint {
    this.#total++;
    this.#firstSeen ??= wall;
    this.#lastSeen = wall;
    this.#minute.add(time);
    this.#byKind[facts.kind]++;
    this.#byType.add(facts.type);
    if (facts.code !== undefined) this.#byCode.add(facts.code);
    this.#byTask.add(facts.task ?? "(none)");
    const known = this.#fingerprints.get(facts.fingerprint.slice(0, MOST_KEY));
    const entry = known ?? new Fingerprint(facts, this.#rate, time, wall);
    const key = entry.facts.fingerprint;
    // To the end.
    if (known !== undefined) this.#fingerprints.delete(key);
    this.#fingerprints.set(key, entry);
    if (this.#fingerprints.size > this.#most) this.#forgetOldest();
    entry.count++;
    entry.lastSeen = wall;
    entry.rate.add(time);
    return entry;
  }

  #forgetOldest(): void {
    const [oldest] = this.#fingerprints;
    if (oldest === undefined) return;
    const [key, { count, suppressed }] = oldest;
    this.#fingerprints.delete(key);
    this.#forgotten.fingerprints++;
    this.#forgotten.errors += count;
    this.forgottenSuppressed += suppressed;
  }

  /** Those that are remembered. */
  entries(): Iterable<Fingerprint> {
    return this.#fingerprints.values();
  }

  tables(time: number): ErrorTables {
    const fingerprints = Array.from(
      this.#fingerprints.values(),
      ({ facts, sample, rate, count, suppressed, lastSeen }) => {
        const { fingerprint, kind, type, code, task } = facts;
        const perMinute = rate.at(time);
        return {
          fingerprint,
          kind,
          type,
          code,
          task,
          count,
          perMinute,
          firstSeen: sample.time,
          lastSeen,
          suppressed,
          sample,
        };
      },
    );
    return {
      total: this.#total,
      perMinute: this.#minute.at(time),
      byKind: { ...this.#byKind },
      byType: this.#byType.toRecord(),
      byCode: this.#byCode.toRecord(),
      byTask: this.#byTask.toRecord(),
      firstSeen: this.#firstSeen,
      lastSeen: this.#lastSeen,
      fingerprints: fingerprints.toSorted((a, b) => b.count - a.count),
      forgotten: { ...this.#forgotten },
    };
  }
}

/** One library in one situation. */
export interface Subject {
  /** As npm knows it; "node" for what the platform has. */
  readonly package: string;
  /** Which of its ways, where it has more than one. */
  readonly way?: string | undefined;
  /** What this repository says that it does. What it is seen to do is compared with this. */
  readonly claim: string;
  /** Puts it into the situation, and says what it did: one of a few sentences, never a time or a number that may vary. */
  run(): Promise<string>;
}

/** One situation that several libraries are put into. */
export interface PeerCase {
  readonly name: string;
  readonly title: string;
  readonly about: string;
  /** Complaints of packages/holdfast/test/complaints/README.md, by number. */
  readonly complaints: readonly number[];
  /** The file below packages/holdfast/test, and a part of the title of its test, that holds what holdfast does. */
  readonly test: readonly [file: string, title: string];
  readonly subjects: readonly Subject[];
}

/** What was seen. */
export interface Observation {
  readonly case: string;
  readonly package: string;
  readonly way: string | undefined;
  readonly version: string;
  readonly claim: string;
  readonly seen: string;
}

export interface PeerRecord {
  readonly node: string;
  readonly date: string;
  readonly observations: readonly Observation[];
}

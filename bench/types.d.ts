/** What a benchmark is made of. */

/** One way to do the work of a case. */
export interface Subject {
  /** As told in the results; unique within its case. */
  readonly name: string;
  /** Whose version is told; undefined: Node's. */
  readonly package?: string | undefined;
  /** The most operations of a growth case: what is known to grow with the square would take minutes beyond. */
  readonly largestN?: number | undefined;
  /**
   * Loads what is needed, and returns the work: `n` operations, and what they came to, for the case's `check`.
   * A subject loads its own peer only: nothing of another is in its process.
   */
  readonly prepare: (n: number) => Promise<Work>;
}

export type Work = () => unknown;

/** What one process measured. */
export interface Sample {
  /** In the case's unit, for one operation. */
  readonly value: number;
  /** Further figures by their name in the results. */
  readonly extra?: Readonly<Record<string, number>> | undefined;
}

export interface Case {
  readonly name: string;
  readonly title: string;
  /** What is done and what counts, for whoever reads the table. */
  readonly about: string;
  readonly unit: "ns" | "bytes";
  /** What one operation is. */
  readonly per: string;
  readonly n: number;
  /** For `--quick`: as few as show that everything runs. */
  readonly quickN: number;
  /** Fewer than the usual where a round is long. Default 7. */
  readonly rounds?: number | undefined;
  /** The subject that ratios are of; undefined: none. */
  readonly baseline: string | undefined;
  readonly subjects: readonly Subject[];
  /** Further columns: the name of an extra figure, and how it is shown. */
  readonly columns?: readonly Column[] | undefined;
  readonly goals: readonly Goal[];
  readonly nodeOptions?: readonly string[] | undefined;
  /** Measures one subject, in its own process. Throws when its work was not done. */
  readonly measure: (subject: Subject, n: number, effort: Effort) => Promise<Sample>;
}

export interface Column {
  readonly extra: string;
  readonly title: string;
  readonly format: (value: number) => string;
}

/** How long to measure in one process. */
export interface Effort {
  readonly warmups: number;
  readonly samples: number;
  /** Milliseconds that a sample lasts at least; shorter work is repeated. */
  readonly sampleTime: number;
}

export interface Goal {
  readonly text: string;
  /** What was seen, and whether that is the goal. */
  readonly judge: (table: Table) => Verdict;
}

export interface Verdict {
  readonly met: boolean;
  readonly seen: string;
}

/** The rows of one case, as a goal looks at them. */
export interface Table {
  readonly nodeMajor: number;
  readonly row: (subject: string) => Row;
  readonly rows: readonly Row[];
}

/** One subject of one case on one Node: medians over the rounds. */
export interface Row {
  readonly case: string;
  readonly subject: string;
  readonly version: string;
  readonly node: string;
  readonly unit: "ns" | "bytes";
  readonly n: number;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** The same as `median` where the unit is ns. */
  readonly nsPerOp: number | null;
  /** The median of the rounds' ratios to the baseline, which ran in the same round. */
  readonly ratio: number | null;
  readonly extra: Readonly<Record<string, number>>;
}

/** When, where and how the rows of one case were taken. */
export interface Measurement {
  readonly case: string;
  readonly node: string;
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memory: number;
  /** Load average over a minute, before and after. */
  readonly load: readonly [before: number, after: number];
  readonly rounds: number;
  readonly n: number;
}

export interface Results {
  readonly measurements: readonly Measurement[];
  readonly results: readonly Row[];
}

/** What the command line asked for. */
export interface Settings {
  readonly cases: readonly Case[];
  /** Part of the names of the subjects that are measured, beside each baseline; undefined: all. */
  readonly subject: string | undefined;
  /** undefined: each case's own. */
  readonly rounds: number | undefined;
  /** Operations; undefined: each case's own. */
  readonly n: number | undefined;
  /** Path of the Node that measures. */
  readonly node: string;
  /** The folder of the results; undefined: they are shown, and not written. */
  readonly output: string | undefined;
  readonly quick: boolean;
}

/**
 * One case of `npm run bench`. To add one: a file that exports a `RunCase`, and a line in bench/cases.ts.
 *
 * A case starts what it measures (bench/system.ts), warms it up, measures `bench.runs` times, stops it, and returns
 * the medians. It says what it is doing as it goes.
 */
export type Bench = {
  /** Under a minute in all, the start of a system included: fewer and shorter runs, smaller sizes. */
  readonly quick: boolean;
  /** Measured runs of each figure; their median is told, with the spread. 3; 1 if quick. */
  readonly runs: number;
  /** Options of the command line that only one case reads, such as `--customers 64`. */
  readonly options: { readonly customers?: string | undefined; readonly closed?: string | undefined };
  /** Progress, for people. */
  readonly say: (text: string) => void;
};

/** A line of the table: what was measured, the figure, and what belongs to it. Numbers are written as they are. */
export type Row = readonly (string | number)[];

export type CaseResult = {
  /** The first row heads the columns. */
  readonly rows: readonly Row[];
  /** Goes into `--json FILE` under the case's key; null: it could not be measured here. */
  readonly figures: unknown;
};

export type RunCase = (bench: Bench) => Promise<CaseResult>;

export type Case = {
  /** In `--only`. */
  readonly name: string;
  /** In the JSON file. */
  readonly key: string;
  /** On a machine of two cores; quick: under one. */
  readonly minutes: number;
  /** One line, for people. */
  readonly about: string;
  /** Loaded only when it is wanted. */
  readonly load: () => Promise<RunCase>;
};

/** Between the bench and its crowds, over the channel of child processes. */
export type Order =
  | {
      readonly do: 'gather';
      readonly api: string;
      readonly secret: string;
      readonly room: string;
      readonly from: number;
      readonly count: number;
    }
  /** What was heard so far. */
  | { readonly do: 'report' }
  | { readonly do: 'leave' };

export type Heard = {
  /** Streams that are open and have said where their place stands. */
  readonly waiting: number;
  readonly failed: number;
  /** Ended without a word. */
  readonly cutOff: number;
  readonly positions: number;
  /** Epoch ms of each. */
  readonly admitted: readonly number[];
  readonly soldOut: readonly number[];

  /** Why places could not be taken at the first try. */
  readonly reasons: readonly string[];
  readonly gathering: boolean;
};

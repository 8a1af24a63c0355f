/** Between the bench and its crowds, over the channel of child processes. */
export type Order =
  | {
      readonly do: 'gather';
      /** Of the gateways; people go to them in turn. */
      readonly ports: readonly number[];
      readonly secret: string;
      readonly room: string;
      readonly from: number;
      readonly count: number;
      /** Three bytes of addresses of the loopback, theirs alone. */
      readonly network: string;
    }
  /** What was heard so far. */
  | { readonly do: 'report' }
  /** And when. */
  | { readonly do: 'times' }
  | { readonly do: 'leave' };

/** Epoch ms of each. */
export type Times = { readonly admitted: readonly number[]; readonly soldOut: readonly number[] };

export type Heard = {
  /** Streams that are open and have said where their place stands. */
  readonly waiting: number;
  readonly failed: number;
  /** Ended without a word. */
  readonly cutOff: number;
  readonly positions: number;
  readonly admitted: number;
  readonly soldOut: number;
  /** Why places could not be taken at the first try. */
  readonly reasons: readonly string[];
  readonly gathering: boolean;
  /** Only if they were asked for: there are many. */
  readonly times: Times | null;
};

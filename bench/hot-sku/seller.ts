/** Someone who sells the units of one SKU, each to one order only, and keeps a record of every hold. */
export type Seller = {
  /** In the figures. */
  readonly key: string;
  readonly name: string;
  /** What a grant, once answered, survives. */
  readonly survives: string;
  /** The server's process, whose CPU time counts. */
  readonly serverPid: number;
  /** A SKU of its own for each round. */
  stock(sku: string, units: number): Promise<void>;
  /** One unit for this order. Throws if there was none. */
  grant(sku: string, orderId: string): Promise<void>;
  /** Units granted, counted by their records. */
  granted(sku: string): Promise<number>;
  close(): Promise<void>;
};

export const HOLD_MS = 600_000;

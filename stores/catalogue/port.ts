/** The catalogue: rows in PostgreSQL, the source; and their last state on JetStream, which buying reads. */
import type { Instant, Paise, ProductId, SellerId, Sku } from '../../actors/ids.ts';
import type { Place } from '../../actors/pricing/shipping/zones.ts';
import type { StateCode } from '../../actors/pricing/tax/states.ts';

export type Attributes = Readonly<Record<string, string | number | boolean | readonly string[]>>;
export type ProductStatus = 'draft' | 'active' | 'archived';
export type Availability = 'in-stock' | 'low-stock' | 'out-of-stock';

export type Variant = {
  readonly sku: Sku;
  readonly attributes: Attributes;
  readonly mrp: Paise;
  readonly price: Paise;
};

export type Product = {
  readonly id: ProductId;
  readonly name: string;
  readonly description: string;
  readonly brand: string | null;
  /** From the root: `["Electronics", "Mobiles"]`. */
  readonly category: readonly string[];
  readonly sellerId: SellerId;
  readonly attributes: Attributes;
  readonly images: readonly string[];
  readonly variants: readonly Variant[];
  readonly rating: { readonly avg: number; readonly count: number };
  readonly status: ProductStatus;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  readonly version: number;
};

/** Body of `product.<id>` on stream CATALOGUE: the product's last state (archived ones too). */
export type ProductDocument = Product;

/** Body of `offer.<sku>` on stream CATALOGUE: all that cart and checkout need, without a database. */
export type OfferDocument = {
  readonly sku: Sku;
  readonly productId: ProductId;
  readonly sellerId: SellerId;
  readonly name: string;
  readonly unitPrice: Paise;
  readonly mrp: Paise;
  readonly status: ProductStatus;
  readonly version: number;
  /** Absent: published before prices asked for it. */
  readonly goods?: OfferedGoods;
};

/** What offers, tax and shipping go by. */
export type OfferedGoods = {
  readonly brand: string | null;
  readonly category: readonly string[];
  readonly hsn: string;
  /** Of one, packed. */
  readonly grams: number;
  /** Where the seller is registered. */
  readonly sellerState: StateCode;
  /** Where it is sent from. */
  readonly origin: Place;
};

/** Offers as buying sees them: memory first, then the stream's last message. Never PostgreSQL. */
export type Offers = {
  /** undefined: no such SKU, or not on sale. */
  find(sku: Sku): Promise<OfferDocument | undefined>;
};

export type ProductFilter = {
  readonly category?: readonly string[];
  readonly brand?: string;
  readonly sellerId?: SellerId;
  readonly minPrice?: Paise;
  readonly maxPrice?: Paise;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly status?: ProductStatus;
  readonly sort?: 'newest' | 'price-asc' | 'price-desc' | 'rating';
};

export type Page<T> = { readonly data: readonly T[]; readonly nextCursor: string | null };
export type PageRequest = { readonly limit: number; readonly cursor?: string };

export type CategoryNode = {
  readonly id: string;
  readonly name: string;
  readonly productCount: number;
  readonly children: readonly CategoryNode[];
};

export type ProductDraft = Omit<Product, 'id' | 'rating' | 'createdAt' | 'updatedAt' | 'version'>;

export type Catalogue = {
  product(id: ProductId): Promise<Product | undefined>;
  /** Availability by SKU, from the inventory projection; a SKU without stock rows is out of stock. */
  availability(skus: readonly Sku[]): Promise<ReadonlyMap<Sku, Availability>>;
  list(filter: ProductFilter, page: PageRequest): Promise<Page<Product>>;
  categories(): Promise<readonly CategoryNode[]>;
  /** The path of names of a category id, or undefined. */
  categoryPath(id: string): Promise<readonly string[] | undefined>;
  /** Throws SkuTaken. */
  create(draft: ProductDraft): Promise<Product>;
  /** undefined: unknown. `version-mismatch`: `ifVersion` was given and the row has moved on. Throws SkuTaken. */
  update(id: ProductId, draft: ProductDraft, ifVersion?: number): Promise<Product | undefined | 'version-mismatch'>;
  archive(id: ProductId, ifVersion?: number): Promise<Product | undefined | 'version-mismatch'>;
  /** The seller that owns a SKU. */
  sellerOf(sku: Sku): Promise<SellerId | undefined>;
};

export class SkuTaken extends Error {
  readonly code = 'sku-taken';
  readonly sku: Sku;
  constructor(sku: Sku) {
    super(`SKU is in use by another product: ${sku}`);
    this.name = 'SkuTaken';
    this.sku = sku;
  }
}

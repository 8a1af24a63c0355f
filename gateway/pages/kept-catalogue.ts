/**
 * The catalogue as pages read it: products, lists and categories kept for five minutes and dropped as they change,
 * availability never older than a moment. What is written goes to the catalogue itself, and is seen here at once.
 */
import type { ProductId } from '../../actors/ids.ts';
import type { CatalogueListener } from '../../stores/catalogue/changes.ts';
import type { Catalogue, CategoryNode, Page, Product } from '../../stores/catalogue/port.ts';
import { Kept, type KeptOptions, type KeptResult } from './kept.ts';
import { LiveStock } from './live-stock.ts';
import type { SharedPages } from './shared-pages.ts';

/** Answers how to end it. */
export type CatalogueChanges = (listener: CatalogueListener) => () => void;

export type KeptCatalogueOptions = {
  readonly changes?: CatalogueChanges;
  readonly shared?: SharedPages;
  readonly onResult?: (page: 'product' | 'list' | 'category', result: KeptResult) => void;
};

export type KeptCatalogue = Catalogue & { readonly stop: () => void };

const MEGABYTE = 1_024 * 1_024;
/** Changes are gathered so long before lists are looked through for them. */
const GATHER_MS = 200;

export function keepCatalogue(catalogue: Catalogue, options: KeptCatalogueOptions = {}): KeptCatalogue {
  const { changes, shared, onResult } = options;
  const kept = <T>(page: Parameters<NonNullable<typeof onResult>>[0], megabytes: number): Kept<T> => {
    const settings: KeptOptions<T> = { capacity: megabytes * MEGABYTE, weigh: (value) => JSON.stringify(value).length };
    return new Kept(onResult === undefined ? settings : { ...settings, onResult: (result) => onResult(page, result) });
  };
  const products = kept<Product>('product', 64);
  const lists = kept<Page<Product>>('list', 64);
  const trees = kept<readonly CategoryNode[]>('category', 4);
  const paths = kept<readonly string[]>('category', 4);
  const stock = new LiveStock((skus) => catalogue.availability(skus));

  const gathered = new Set<ProductId>();
  let timer: NodeJS.Timeout | undefined;
  /** Lists with a product that has changed are read again; any other may now have it as well. */
  const goThroughLists = (): void => {
    timer = undefined;
    lists.changedWhere(({ data }) => data.some(({ id }) => gathered.has(id)));
    gathered.clear();
    lists.doubt();
    trees.doubt();
  };
  const stop = changes?.({
    changed(id) {
      products.changed(id);
      shared?.changed(id);
      gathered.add(id);
      timer ??= setTimeout(goThroughLists, GATHER_MS).unref();
    },
    missed() {
      shared?.missed();
      for (const each of [products, lists, trees, paths]) each.doubt();
    },
  });

  /** Who writes sees it, in every list. */
  const written = async <T extends Product | undefined | 'version-mismatch'>(writing: Promise<T>): Promise<T> => {
    const result = await writing;
    if (typeof result === 'object') {
      products.changed(result.id);
      shared?.changed(result.id);
      lists.changedWhere(() => true);
      trees.changedWhere(() => true);
      paths.doubt();
    }
    return result;
  };

  return {
    product: (id) =>
      products.get(id, () =>
        shared === undefined ? catalogue.product(id) : shared.product(id, () => catalogue.product(id)),
      ),
    async list(filter, page) {
      const found = await lists.get(JSON.stringify([filter, page]), () => catalogue.list(filter, page));
      return found ?? { data: [], nextCursor: null };
    },
    categories: async () => (await trees.get('tree', () => catalogue.categories())) ?? [],
    categoryPath: (id) => paths.get(id, () => catalogue.categoryPath(id)),
    availability: (skus) => stock.of(skus),
    create: (draft) => written(catalogue.create(draft)),
    update: (id, draft, ifVersion) => written(catalogue.update(id, draft, ifVersion)),
    archive: (id, ifVersion) => written(catalogue.archive(id, ifVersion)),
    sellerOf: (sku) => catalogue.sellerOf(sku),
    stop() {
      stop?.();
      clearTimeout(timer);
    },
  };
}

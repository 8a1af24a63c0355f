/**
 * What goods are, where nobody has said so: an HSN by category, the longest path that fits. A seller's own HSN goes before
 * it, always; this is how the demo catalogue comes to have any. undefined: to be classified by a person.
 */
const BY_CATEGORY: Readonly<Record<string, string>> = {
  'Electronics/Mobiles': '8517',
  'Electronics/Headphones': '8518',
  'Electronics/Speakers': '8518',
  'Electronics/Power': '8507',
  'Grocery/Tea & Coffee': '0902',
  'Grocery/Spices': '0910',
  'Beauty/Skin Care': '3304',
  'Beauty/Hair Care': '33059011',
  'Sports/Cricket': '9506',
  'Sports/Yoga': '950691',
  'Toys & Books/Wooden Toys': '9503',
  'Toys & Books/Notebooks': '482020',
  'Home & Kitchen/Cookware': '7323',
  'Home & Kitchen/Tableware': '6912',
  'Home & Kitchen/Drinkware': '7323',
  'Home & Kitchen/Bedding': '6302',
  'Home & Kitchen/Lighting': '9405',
  Furniture: '9403',
  'Tools & Garden/Hand Tools': '8205',
  'Tools & Garden/Planters': '6912',
  'Clothing/Kurtas': '6211',
  'Clothing/Sarees': '5208',
  'Clothing/Shirts': '6205',
  'Clothing/Shawls & Stoles': '6214',
  Footwear: '6403',
};

export function hsnOfCategory(category: readonly string[]): string | undefined {
  for (let depth = category.length; depth > 0; depth--) {
    const hsn = BY_CATEGORY[category.slice(0, depth).join('/')];
    if (hsn !== undefined) return hsn;
  }
  return undefined;
}

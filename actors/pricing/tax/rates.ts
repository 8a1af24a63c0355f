/**
 * GST by HSN and day, as data. An HSN is looked up by its longest beginning that stands here (8517 before 85), then by
 * the day: the last rate that had begun. Rates are the whole tax in basis points (IGST; CGST and SGST are half each).
 *
 * Sources:
 *  [1] Notification 1/2017-Central Tax (Rate), 2017-06-28, as amended: the schedules in force until 2025-09-21
 *  [2] Notification 9/2025-Central Tax (Rate), 2025-09-17, in force since 2025-09-22, which replaced [1] after the 56th
 *      meeting of the GST Council: schedules of 5, 18, 40, 3, 0.25, 1.5 and 28 %
 *  [3] Notifications 2/2017 and 10/2025-Central Tax (Rate): nil-rated goods before and since that day
 *  [4] Notification 3/2020-Central Tax (Rate): mobile phones 18 % since 2020-04-01
 *  [5] Notification 14/2021-Central Tax (Rate) as amended by 21/2021: footwear 12 % to ₹1,000 a pair since 2022-01-01
 *  [6] Notification 6/2022-Central Tax (Rate): LED lamps 18 % since 2022-07-18
 *
 * Where a heading has goods of several rates, the tariff item stands here with its own (shampoo within 3305). After 2025 the
 * notifications 19/2025 (2025-12-31, tobacco) and 1/2026 (2026-04-30, beverages renumbered) changed none of these.
 *
 * This is what Haat's own catalogue sells and some of its neighbours, not the whole tariff: an HSN that is not here is
 * refused (`unknown-hsn`), never guessed; goods without one are UNCLASSIFIED. Compensation cess (tobacco's was the last, to 2026-01-31) is not here either.
 */

/** Up to `upTo` paise of taxable value a piece (a pair, of footwear): the lower rate; above it: the higher one. */
export type Rate = number | { readonly upTo: number; readonly to: number; readonly above: number };
export type DatedRate = { readonly from: string; readonly rate: Rate };
export type TariffEntry = { readonly hsn: string; readonly of: string; readonly rates: readonly DatedRate[] };

export const GST_BEGAN = '2017-07-01';
export const GST_REFORM = '2025-09-22';

const entry = (hsn: string, of: string, before: Rate, since: Rate = before): TariffEntry => ({
  hsn,
  of,
  rates:
    before === since
      ? [{ from: GST_BEGAN, rate: before }]
      : [
          { from: GST_BEGAN, rate: before },
          { from: GST_REFORM, rate: since },
        ],
});

const perPiece = (upTo: number, to: number, above: number): Rate => ({ upTo: upTo * 100, to, above });
const WEAR_BEFORE = perPiece(1_000, 500, 1_200);
const WEAR_SINCE = perPiece(2_500, 500, 1_800);

/**
 * For goods that nobody has classified: no chapter of the tariff, but the residuary entry of [1] (schedule III) and of [2]
 * (schedule II): goods that no schedule names.
 */
export const UNCLASSIFIED = '00';

export const TARIFF: readonly TariffEntry[] = [
  entry(UNCLASSIFIED, 'Not classified', 1_800),
  // Food and drink
  entry('0405', 'Butter and ghee', 1_200, 500),
  entry('0802', 'Nuts', 1_200, 500),
  entry('0901', 'Coffee, roasted', 500),
  entry('0902', 'Tea', 500),
  entry('0904', 'Pepper and chilli', 500),
  entry('0908', 'Nutmeg, mace and cardamom', 500),
  entry('0909', 'Cumin, coriander and fennel', 500),
  entry('0910', 'Ginger, turmeric, saffron and other spices', 500),
  entry('1006', 'Rice, packed and labelled', 500),
  entry('1806', 'Chocolate', 1_800, 500),
  entry('1905', 'Biscuits and cakes', 1_800, 500),
  entry('2101', 'Instant coffee, extracts of tea', 1_800, 500),
  entry('220210', 'Aerated and sweetened waters', 2_800, 4_000),
  // Care
  entry('3004', 'Medicines', 1_200, 500),
  entry('3303', 'Perfumes', 1_800),
  entry('3304', 'Creams and make-up', 1_800),
  entry('3305', 'For the hair: dyes, creams, lacquers', 1_800),
  entry('330510', 'Shampoo', 1_800, 500),
  entry('33059011', 'Hair oil, perfumed', 1_800, 500),
  entry('33059019', 'Hair oil, other', 1_800, 500),
  entry('3306', 'For the mouth: washes and the like', 1_800),
  entry('33061010', 'Tooth powder', 1_200, 500),
  entry('33061020', 'Toothpaste', 1_800, 500),
  entry('340111', 'Toilet soap in bars', 1_800, 500),
  entry('961900', 'Sanitary towels', 0),
  // Paper and play
  entry('4901', 'Printed books', 0),
  entry('482020', 'Exercise books', 1_200, 0),
  entry('9503', 'Toys, not electronic', 1_200, 500),
  entry('9506', 'Sports goods', 1_200, 500),
  entry('950691', 'Articles for general physical exercise', 1_800),
  // What is worn and carried
  entry('4202', 'Bags and cases', 1_800),
  entry('61', 'Clothing, knitted', WEAR_BEFORE, WEAR_SINCE),
  entry('62', 'Clothing, not knitted', WEAR_BEFORE, WEAR_SINCE),
  entry('63', 'Made-up textiles: bed linen, towels', WEAR_BEFORE, WEAR_SINCE),
  entry('5007', 'Silk, sarees of it', 500),
  entry('5208', 'Cotton, sarees of it', 500),
  {
    hsn: '64',
    of: 'Footwear',
    rates: [
      { from: GST_BEGAN, rate: perPiece(500, 500, 1_800) },
      { from: '2018-07-27', rate: perPiece(1_000, 500, 1_800) },
      { from: '2022-01-01', rate: perPiece(1_000, 1_200, 1_800) },
      { from: GST_REFORM, rate: WEAR_SINCE },
    ],
  },
  entry('7113', 'Jewellery', 300),
  entry('9102', 'Watches', 1_800),
  // House
  entry('3926', 'Household articles of plastics', 1_800),
  entry('6911', 'Tableware of porcelain', 1_200, 500),
  entry('6912', 'Tableware of clay', 1_200, 500),
  entry('7013', 'Glassware', 1_800),
  entry('7323', 'Kitchen articles of steel', 1_200, 500),
  entry('8201', 'Hand tools of gardens and fields', 0),
  entry('8205', 'Hand tools', 1_800),
  entry('9403', 'Furniture', 1_800),
  // What is plugged in
  entry('8415', 'Air conditioners', 2_800, 1_800),
  entry('8504', 'Chargers and power supplies', 1_800),
  entry('8507', 'Accumulators, power banks', 1_800),
  entry('8471', 'Computers', 1_800),
  {
    hsn: '8517',
    of: 'Mobile phones',
    rates: [
      { from: GST_BEGAN, rate: 1_200 },
      { from: '2020-04-01', rate: 1_800 },
    ],
  },
  entry('8518', 'Headphones and loudspeakers', 1_800),
  entry('8528', 'Television sets above 32 inches', 2_800, 1_800),
  {
    hsn: '8539',
    of: 'LED lamps',
    rates: [
      { from: GST_BEGAN, rate: 1_200 },
      { from: '2022-07-18', rate: 1_800 },
    ],
  },
  entry('9405', 'Lights', 1_800),
];

import { type Family, line } from './family.ts';
import { chalan, neelambar, pagdandi, rangrez, sadak, tanabana } from './makers.ts';

const SIZES = { name: 'Size', values: ['S', 'M', 'L', 'XL'] } as const;
const SHOE_SIZES = { name: 'Size', values: ['UK 6', 'UK 7', 'UK 8', 'UK 9', 'UK 10'] } as const;

export const WEAR: readonly Family[] = [
  {
    category: ['Clothing', 'Kurtas'],
    noun: 'Kurta',
    note: 'Side slits, a pocket in the seam, and a length that goes with jeans or churidar.',
    colours: ['Indigo', 'Madder', 'Ivory', 'Leaf'],
    choice: SIZES,
    attributes: { Fabric: 'Cotton', Care: 'Cold wash, dry in shade' },
    rupees: [899, 2_499],
    makers: [neelambar, tanabana, rangrez],
    lines: [
      line('Ajrakh', 'Geometric block print in sixteen steps.'),
      line('Mul', 'Mulmul so light that you forget it in May.'),
      line('Kantha', 'Running stitch all over, soft from the first day.'),
      line('Daily', 'The plain one that you reach for most.'),
    ],
  },
  {
    category: ['Clothing', 'Sarees'],
    noun: 'Saree',
    note: 'Six yards with an unstitched blouse piece.',
    colours: ['Peacock', 'Kumkum', 'Haldi', 'Slate'],
    attributes: { Length: '6.3 m', 'Blouse piece': 'Yes' },
    rupees: [1_799, 9_999],
    makers: [tanabana, neelambar, rangrez],
    lines: [
      line('Maheshwari', 'Silk warp, cotton weft, a reversible border.'),
      line('Linen', 'Crisp in the morning, better by evening.'),
      line('Jamdani', 'Motifs that float in the ground, woven in by hand.'),
      line('Chanderi', 'Sheer, with a little gold where the light falls.'),
    ],
  },
  {
    category: ['Clothing', 'Shirts'],
    noun: 'Shirt',
    note: 'Regular fit with a box pleat; shell buttons and one to spare.',
    colours: ['White', 'Indigo', 'Rust', 'Olive'],
    choice: SIZES,
    attributes: { Fabric: 'Handloom cotton', Fit: 'Regular' },
    rupees: [999, 2_299],
    makers: [rangrez, neelambar, tanabana],
    lines: [
      line('Oxford', 'The one for the office.'),
      line('Bandhgala Collar', 'A short stand collar, no tie needed.'),
      line('Ikat', 'Blurred checks from Pochampally yarn.'),
      line('Seersucker', 'Puckered, so that air gets under it.'),
    ],
  },
  {
    category: ['Clothing', 'Shawls & Stoles'],
    noun: 'Stole',
    note: 'Two metres by seventy centimetres, with knotted ends.',
    colours: ['Charcoal', 'Rose', 'Saffron', 'Natural'],
    attributes: { Size: '200 × 70 cm' },
    rupees: [699, 5_499],
    makers: [tanabana, neelambar, rangrez],
    lines: [
      line('Merino', 'Warm as a blanket and thin as a newspaper.'),
      line('Tussar', 'Wild silk with its own gold.'),
      line('Bandhani', 'Ten thousand knots, each tied by a fingernail.'),
      line('Khadi', 'Spun and woven by hand.'),
    ],
  },
  {
    category: ['Footwear', 'Sandals'],
    noun: 'Sandals',
    note: 'Cushioned footbed, rubber sole that grips a wet platform.',
    colours: ['Tan', 'Black'],
    choice: SHOE_SIZES,
    attributes: { Sole: 'Rubber' },
    rupees: [599, 1_999],
    makers: [sadak, chalan, pagdandi],
    lines: [
      line('Kolhapuri', 'The old pattern, on a sole that bends.'),
      line('Monsoon', 'Dries in an hour.'),
      line('Chappal', 'Two straps and nothing to break.'),
      line('Trek', 'Three points of closure for loose stones.'),
    ],
  },
  {
    category: ['Footwear', 'Shoes'],
    noun: 'Shoes',
    note: 'True to size; if between two, take the larger.',
    colours: ['Brown', 'Black', 'Stone'],
    choice: SHOE_SIZES,
    attributes: { Closure: 'Lace-up' },
    rupees: [1_499, 4_999],
    makers: [chalan, sadak, pagdandi],
    lines: [
      line('Derby', 'For weddings and interviews.'),
      line('Runner', 'Eight millimetres of drop, two hundred and forty grams.'),
      line('Canvas', 'Goes into the machine at thirty degrees.'),
      line('Boot', 'Ankle high, waxed, resoleable.'),
    ],
  },
];

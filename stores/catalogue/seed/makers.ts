/** Who makes what the demo shop sells. */
import { maker } from './family.ts';

export const neelambar = maker('Neelambar', 'Dyed in small vats in Ajrakhpur, so no two pieces are quite alike.');
export const tanabana = maker('Tana Bana', 'Woven on pit looms by a cooperative of ninety families near Maheshwar.');
export const rangrez = maker('Rangrez & Daughters', 'Cut and finished in their own Jaipur workshop.');
export const sadak = maker('Sadak', 'Made for long days on Indian roads, and repairable at any cobbler.');
export const chalan = maker('Chalan', 'Kanpur leather, lined and stitched by hand.');
export const pagdandi = maker('Pagdandi', 'Tested on the trails above Munnar.');
export const tarang = maker('Tarang', 'Designed in Bengaluru, with two years of warranty and service in forty cities.');
export const dhwani = maker('Dhwani', 'Tuned by people who mix Carnatic concerts for a living.');
export const bijli = maker('Bijli Works', 'Built in Pune for 140 to 300 volts, because the mains are what they are.');
export const chulha = maker('Chulha & Co.', 'Made in Moradabad; it will outlive its first owner.');
export const mitti = maker('Mitti', 'Thrown and fired in Khurja, lead free, safe for dishwasher and microwave.');
export const kansa = maker('Kansaar', 'Cast by the bronze makers of Balakati.');
export const aangan = maker('Aangan', 'Packed flat, put together in twenty minutes with the tool in the box.');
export const nidra = maker('Nidra', 'A hundred nights to try it, and it goes back if you lie awake.');
export const ustaad = maker('Ustaad', 'What the carpenters of Kirti Nagar use.');
export const pahadi = maker('Pahadi Greens', 'Bought from growers in Kumaon at a price set before the season.');
export const malabar = maker('Malabar Coast Trading', 'Shipped from Kochi within two weeks of the harvest.');
export const ritu = maker('Ritu Botanicals', 'No parabens, no sulphates, not tested on animals.');
export const gully = maker('Gully Sports', 'Approved by every lane captain who has broken a window with it.');
export const khilona = maker('Khilona Ghar', 'Ivory wood and vegetable lacquer from Channapatna; safe to chew on.');
export const kitab = maker('Kitab Mahal Paper', 'Bagasse paper that takes a fountain pen without a bleed.');

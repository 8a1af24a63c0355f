/** What a gateway can do besides taking money and giving it back. */
import type { PaymentGateway } from '../../actors/checkout/ports.ts';

export const ABILITIES = ['eligible', 'capture', 'void', 'status'] as const;
export type Ability = (typeof ABILITIES)[number];

/** By what is there, so that a flag cannot say otherwise. */
export const abilitiesOf = (gateway: PaymentGateway): readonly Ability[] =>
  ABILITIES.filter((ability) => gateway[ability] !== undefined);

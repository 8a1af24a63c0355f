/** What is known of an order when it is judged. A fact that is not known, or not of this order, is 0. */
export type Facts = {
  readonly ordersOfAccountInHour: number;
  readonly ordersOfAccountInDay: number;
  readonly accountsAtAddressInDay: number;
  readonly accountsOnDeviceInDay: number;
  readonly failedPaymentsInHour: number;
  /** Cards of this account that several others paid with, too. */
  readonly sharedCardsInDay: number;
  /** 0 or 1. */
  readonly pincodeOutsideState: number;
  /** Paise; 0 for an account that is not new. */
  readonly amountOfNewAccount: number;
  readonly codOrdersInDay: number;
  /** Paise; 0 unless on delivery, and of a new account. */
  readonly codAmountOfNewAccount: number;
  readonly couponAccountsOnDeviceInDay: number;
  readonly couponAccountsAtAddressInDay: number;
  /** Called off or sent back, of the last half year. */
  readonly codOrdersRefused: number;
  /** Of at least five that were delivered in the last half year. */
  readonly returnedPercent: number;
  readonly paymentTries: number;
};

export type FactName = keyof Facts;

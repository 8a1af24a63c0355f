/** PayU's own SDK for Node (`payu-websdk`), which has no types: as much of it as our reading is checked against. */
import { createRequire } from 'node:module';

type Fields = Readonly<Record<string, unknown>>;
type Said = Readonly<Record<string, unknown>> & { readonly request_id: string };

export type PayuSdk = {
  readonly hasher: {
    generatePaymentHash(fields: Fields): string;
    generateResponseHash(fields: Fields): string;
    validateResponseHash(fields: Fields): boolean;
  };
  verifyPayment(txnid: string): Promise<Said>;
  cancelRefundTransaction(mihpayid: string, token: string, amount: string): Promise<Said>;
  checkActionStatus(requestId: string): Promise<Said>;
};
type Credentials = { readonly key: string; readonly salt: string };

const load = createRequire(import.meta.url);

const Sdk: new (credentials: Credentials, env: 'TEST' | 'PROD') => PayuSdk = load('payu-websdk');
export const payuSdk = (credentials: Credentials): PayuSdk => new Sdk({ ...credentials }, 'TEST');

const hasher: { apiHasher(credentials: Credentials, command: { command: string; var1: string }): string } =
  load('payu-websdk/utils/hasher.js');
export const sdkCommandHash = (credentials: Credentials, command: string, var1: string): string =>
  hasher.apiHasher(credentials, { command, var1 });

/** PayU's API of commands: one address, a form with the command and its values, each with a hash. */
import type { Logger } from 'pino';
import type { z } from 'zod';
import { GatewayError, type GatewayHealth } from '../../../actors/checkout/ports.ts';
import { OutsideParty, type OutsidePartyOptions } from '../outside-party.ts';
import type { Secrets } from '../secrets.ts';
import { type Action, actionsAnswer, refundAnswer, type Transaction, verifyAnswer } from './answers.ts';
import { commandHash } from './hashes.ts';

export type PayuClientSettings = Pick<OutsidePartyOptions, 'timeoutMs' | 'retryWithinMs' | 'breaker'> & {
  readonly key: string;
  /** The first one signs; answers by any of them are believed. */
  readonly salts: Secrets;
  /** Default PayU's; the simulator's address otherwise. */
  readonly apiUrl?: string;
  readonly log?: Logger;
};

const PAYU = 'https://info.payu.in';
const PATH = '/merchant/postservice.php?form=2';

export class PayuClient {
  readonly #key: string;
  readonly #salts: Secrets;
  readonly #party: OutsideParty;

  constructor({ key, salts, apiUrl = PAYU, ...options }: PayuClientSettings) {
    this.#key = key;
    this.#salts = salts;
    this.#party = new OutsideParty({ ...options, name: 'PayU', origin: apiUrl });
  }

  get health(): GatewayHealth {
    return this.#party.health;
  }

  /** undefined: PayU knows of no such transaction, the customer has not been there. */
  async verify(txnid: string): Promise<Transaction | undefined> {
    const answer = await this.#party.repeatable(this.#request('verify_payment', [txnid]), verifyAnswer);
    this.#check(answer);
    return answer.transaction_details?.[txnid];
  }

  /** Captures, refunds and cancellations of a transaction. */
  async actionsOf(mihpayid: string): Promise<readonly Action[]> {
    return this.#actions([mihpayid, 'payuid']);
  }

  async actionOf(requestId: string): Promise<Action | undefined> {
    return (await this.#actions([requestId])).find((action) => action.request_id === requestId);
  }

  async #actions(values: readonly [string, ...string[]]): Promise<readonly Action[]> {
    const answer = await this.#party.repeatable(this.#request('check_action_status', values), actionsAnswer);
    this.#check(answer);
    return Object.values(answer.transaction_details?.[values[0]] ?? {});
  }

  /** One attempt. A refusal is an answer: what it means is for the caller to find out. */
  async refund(mihpayid: string, token: string, rupees: string): Promise<z.infer<typeof refundAnswer>> {
    const answer = await this.#party.once(
      this.#request('cancel_refund_transaction', [mihpayid, token, rupees]),
      refundAnswer,
    );
    this.#check(answer);
    return answer;
  }

  #request(command: string, values: readonly [string, ...string[]]) {
    const form = new URLSearchParams({
      key: this.#key,
      command,
      hash: commandHash(this.#key, command, values[0], this.#salts()[0]),
    });
    values.forEach((value, index) => {
      form.set(`var${index + 1}`, value);
    });
    const headers = { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' };
    return { method: 'POST', path: PATH, headers, body: form.toString() } as const;
  }

  /** Our key or salt refused is about us, not about this payment: it goes on when they are mended. */
  #check({ status, msg }: { readonly status: string | number; readonly msg: string }): void {
    if (Number(status) !== 1 && /invalid (hash|key|merchant)|checksum/i.test(msg))
      throw new GatewayError('unavailable', 'PayU does not take our key or salt');
  }
}

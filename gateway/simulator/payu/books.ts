/** The books of PayU's part: transactions, attempts, refunds, and the webhooks it owes. A change is written before it is told. */
import { randomInt } from 'node:crypto';
import { Refused } from '../books.ts';
import { Journal } from '../journal.ts';
import {
  type Attempt,
  type Fact,
  isPaid,
  type Posted,
  type Refund,
  type RefundEnd,
  refundedOf,
  type Transaction,
  type Webhook,
} from './facts.ts';

type Tell = {
  readonly attempt: (attempt: Attempt) => Webhook;
  readonly refund: (refund: Refund, end: RefundEnd) => Webhook;
};

export class PayuBooks {
  readonly #transactions = new Map<string, Transaction>();
  readonly #attempts = new Map<string, Attempt>();
  readonly #refunds = new Map<string, Refund>();
  readonly #owed = new Map<string, Webhook>();
  #journal: Journal<Fact> | undefined;

  static async open(path: string): Promise<PayuBooks> {
    const books = new PayuBooks();
    await books.#read(path);
    return books;
  }

  async #read(path: string): Promise<void> {
    this.#journal = await Journal.open<Fact>(path, (fact) => this.#apply(fact));
  }

  #apply(fact: Fact): void {
    switch (fact.type) {
      case 'posted':
        this.#transactions.set(fact.posted.txnid, { posted: fact.posted, amount: fact.amount, attempts: [] });
        return;
      case 'tried': {
        const { mihpayid, success, charges, at } = fact;
        const transaction = this.transaction(fact.txnid);
        const attempt = { mihpayid, transaction, success, charges, at, refunds: [] };
        transaction.attempts.push(attempt);
        this.#attempts.set(mihpayid, attempt);
        this.#owed.set(fact.owed.id, fact.owed);
        return;
      }
      case 'refund': {
        const { requestId, token, amount, at } = fact;
        const attempt = this.#attempts.get(fact.mihpayid) ?? unknown();
        const refund: Refund = { requestId, attempt, token, amount, at, status: 'queued' };
        attempt.refunds.push(refund);
        this.#refunds.set(requestId, refund);
        return;
      }
      case 'refund-ended': {
        const refund = this.#refunds.get(fact.requestId) ?? unknown();
        refund.status = fact.as;
        this.#owed.set(fact.owed.id, fact.owed);
        return;
      }
      case 'delivered':
        this.#owed.delete(fact.id);
        return;
      default:
        fact satisfies never;
    }
  }

  #record(fact: Fact): Promise<void> {
    this.#apply(fact);
    return this.#journal?.append(fact) ?? Promise.resolve();
  }

  /** Posted again before it was paid, it is the same; with another amount it is refused, as it is when it was paid. */
  async post(posted: Posted, amount: number): Promise<Transaction> {
    const earlier = this.#transactions.get(posted.txnid);
    if (earlier === undefined) {
      await this.#record({ type: 'posted', posted, amount, at: now() });
      return this.transaction(posted.txnid);
    }
    if (isPaid(earlier) || earlier.amount !== amount)
      throw new Refused(400, 'Error. Duplicate transaction id: it was used for another transaction', 'txnid');
    return earlier;
  }

  async pay(
    txnid: string,
    success: boolean,
    charges: number,
    tell: Tell,
  ): Promise<{ attempt: Attempt; owed: Webhook }> {
    const transaction = this.transaction(txnid);
    if (isPaid(transaction)) throw new Refused(409, 'The transaction has been paid already');
    const mihpayid = `4039937155${randomInt(10 ** 7, 10 ** 8)}`;
    const at = now();
    const owed = tell.attempt({ mihpayid, transaction, success, charges, at, refunds: [] });
    await this.#record({ type: 'tried', mihpayid, txnid, success, charges, at, owed });
    return { attempt: this.#attempts.get(mihpayid) ?? unknown(), owed };
  }

  /** Throws Refused, in PayU's words. A token is taken once. */
  async refund(mihpayid: string, token: string, amount: number, sameAmountAfterS: number): Promise<Refund> {
    const attempt = this.#attempts.get(mihpayid);
    if (attempt?.success !== true) throw new Refused(200, 'Invalid payuid');
    if (token === '' || token.length > 23) throw new Refused(200, 'token is empty or too long');
    if (attempt.refunds.some((refund) => refund.token === token)) throw new Refused(200, 'Refund token already used');
    if (amount <= 0 || amount > attempt.transaction.amount - refundedOf(attempt))
      throw new Refused(200, 'Refund FAILURE - Invalid amount');
    const at = now();
    if (attempt.refunds.some((refund) => refund.amount === amount && at - refund.at < sameAmountAfterS))
      throw new Refused(200, 'Refund FAILURE - the same amount was refunded a moment ago');
    const requestId = String(randomInt(10 ** 9, 10 ** 10));
    await this.#record({ type: 'refund', requestId, mihpayid, token, amount, at });
    return this.#refunds.get(requestId) ?? unknown();
  }

  /** How the bank took it; undefined: it was known. */
  async endRefund(refund: Refund, as: RefundEnd, tell: Tell): Promise<Webhook | undefined> {
    if (refund.status !== 'queued') return undefined;
    const owed = tell.refund(refund, as);
    await this.#record({ type: 'refund-ended', requestId: refund.requestId, as, owed });
    return owed;
  }

  transaction = (txnid: string): Transaction => this.#transactions.get(txnid) ?? unknown();
  find = (txnid: string): Transaction | undefined => this.#transactions.get(txnid);
  attempt = (mihpayid: string): Attempt | undefined => this.#attempts.get(mihpayid);
  refundOf = (requestId: string): Refund | undefined => this.#refunds.get(requestId);
  queued = (): readonly Refund[] => [...this.#refunds.values()].filter(({ status }) => status === 'queued');
  owed = (): readonly Webhook[] => [...this.#owed.values()];
  delivered = (id: string): Promise<void> => this.#record({ type: 'delivered', id });
  all = (): readonly Transaction[] => [...this.#transactions.values()];

  async close(): Promise<void> {
    await this.#journal?.close();
  }
}

const unknown = (): never => {
  throw new Refused(404, 'There is no such transaction');
};

const now = (): number => Math.floor(Date.now() / 1_000);

/** The lender's books. A change is written, with the webhook that it owes for it, before it is told. */
import { randomBytes } from 'node:crypto';
import { Refused } from '../books.ts';
import { Journal } from '../journal.ts';
import { webhookOf } from './entities.ts';
import { evolve, type Fact, type Line, type Refund, refundedOf, type Transaction, type Webhook } from './facts.ts';

export class LenderBooks {
  readonly #transactions = new Map<string, Transaction>();
  readonly #byOrder = new Map<string, Transaction>();
  readonly #owed = new Map<string, Webhook>();
  readonly #url: string;
  #journal: Journal<Line> | undefined;
  /** Where what is owed is sent from, after it was written. */
  onOwed: (webhook: Webhook) => void = () => undefined;

  private constructor(url: string) {
    this.#url = url;
  }

  /** `url`: of the simulator, as customers see it. */
  static async open(path: string, url: string): Promise<LenderBooks> {
    const books = new LenderBooks(url);
    await books.#read(path);
    return books;
  }

  async #read(path: string): Promise<void> {
    this.#journal = await Journal.open<Line>(path, (line) => this.#apply(line));
  }

  #apply(line: Line): void {
    if ('delivered' in line) {
      this.#owed.delete(line.delivered);
      return;
    }
    const { fact, owed } = line;
    if (fact.type === 'created') {
      const { id, orderId, amount } = fact;
      const times = { authorizedAt: null, capturedAt: null, expiresAt: null };
      const transaction: Transaction = {
        id,
        orderId,
        amount,
        status: 'created',
        captured: 0,
        ...times,
        declines: [],
        refunds: [],
      };
      this.#transactions.set(id, transaction);
      this.#byOrder.set(orderId, transaction);
    } else evolve(this.transaction(fact.id), fact);
    if (owed !== null) this.#owed.set(owed.id, owed);
  }

  /** `event`: of the webhook that tells it, with the transaction as it is then. */
  async #record(fact: Fact, event?: string): Promise<void> {
    this.#apply({ fact, owed: null });
    const transaction = this.transaction(fact.id);
    const refund = 'refund' in fact ? transaction.refunds.find(({ id }) => id === fact.refund) : undefined;
    const owed = event === undefined ? null : webhookOf(event, transaction, refund, this.#url);
    if (owed !== null) this.#owed.set(owed.id, owed);
    await this.#journal?.append({ fact, owed });
    if (owed !== null) this.onOwed(owed);
  }

  async create(orderId: string, amount: number): Promise<Transaction> {
    const earlier = this.#byOrder.get(orderId);
    if (earlier !== undefined && earlier.amount !== amount) throw refused('order_id was used with another amount');
    if (earlier !== undefined) return earlier;
    const id = newId('txn');
    await this.#record({ type: 'created', id, orderId, amount, at: now() });
    return this.transaction(id);
  }

  /** The customer's answer on the page. */
  async decide(id: string, approved: boolean, holdsForS: number): Promise<Transaction> {
    const transaction = this.transaction(id);
    if (transaction.status !== 'created') throw refused('the transaction has been decided');
    if (approved)
      await this.#record({ type: 'authorized', id, at: now(), expiresAt: now() + holdsForS }, 'transaction.authorized');
    else await this.#record({ type: 'declined', id, declineId: newId('dec'), at: now() }, 'transaction.declined');
    return transaction;
  }

  /** The same amount again is the same capture. */
  async capture(id: string, amount: number): Promise<Transaction> {
    const transaction = await this.#current(id);
    if (transaction.status === 'captured' && transaction.captured === amount) return transaction;
    if (transaction.status !== 'authorized')
      throw refused(`a transaction that is ${transaction.status} is not captured`);
    if (amount <= 0 || amount > transaction.amount) throw refused('more than was authorized');
    await this.#record({ type: 'captured', id, amount, at: now() }, 'transaction.captured');
    return transaction;
  }

  async void(id: string): Promise<Transaction> {
    const transaction = await this.#current(id);
    if (transaction.status === 'voided' || transaction.status === 'expired') return transaction;
    if (transaction.status !== 'authorized') throw refused(`a transaction that is ${transaction.status} is not voided`);
    await this.#record({ type: 'voided', id, at: now() }, 'transaction.voided');
    return transaction;
  }

  async refund(id: string, refundId: string, amount: number): Promise<Refund> {
    const transaction = this.transaction(id);
    const earlier = transaction.refunds.find((refund) => refund.refundId === refundId && refund.status !== 'failed');
    if (earlier !== undefined && earlier.amount !== amount) throw refused('refund_id was used with another amount');
    if (earlier !== undefined) return earlier;
    if (transaction.status !== 'captured') throw refused('nothing was captured');
    if (amount <= 0 || amount > transaction.captured - refundedOf(transaction)) throw refused('more than is left');
    const refund = newId('rf');
    await this.#record({ type: 'refund', id, refund, refundId, amount, at: now() });
    return this.#refund(transaction, refund);
  }

  async endRefund({ id: refund }: Refund, id: string, as: 'processed' | 'failed'): Promise<void> {
    if (this.#refund(this.transaction(id), refund).status !== 'pending') return;
    await this.#record({ type: 'refund-ended', id, refund, as, at: now() }, `refund.${as}`);
  }

  /** What was neither captured nor voided in time is off by now. */
  async #current(id: string): Promise<Transaction> {
    const transaction = this.transaction(id);
    if (transaction.status === 'authorized' && (transaction.expiresAt ?? 0) <= now())
      await this.#record({ type: 'expired', id, at: now() }, 'transaction.expired');
    return transaction;
  }

  read(id: string): Promise<Transaction> {
    return this.#current(id);
  }

  transaction(id: string): Transaction {
    const transaction = this.#transactions.get(id);
    if (transaction === undefined) throw new Refused(404, 'There is no such transaction');
    return transaction;
  }

  #refund({ refunds }: Transaction, id: string): Refund {
    const refund = refunds.find((one) => one.id === id);
    if (refund === undefined) throw new Refused(404, 'There is no such refund');
    return refund;
  }

  pending(): readonly (readonly [Transaction, Refund])[] {
    return this.all().flatMap((transaction) =>
      transaction.refunds.filter(({ status }) => status === 'pending').map((refund) => [transaction, refund] as const),
    );
  }

  all(): readonly Transaction[] {
    return [...this.#transactions.values()];
  }

  owed(): readonly Webhook[] {
    return [...this.#owed.values()];
  }

  async delivered(id: string): Promise<void> {
    this.#owed.delete(id);
    await this.#journal?.append({ delivered: id });
  }

  async close(): Promise<void> {
    await this.#journal?.close();
  }
}

const refused = (why: string): Refused => new Refused(422, why);
const newId = (prefix: string): string => `${prefix}_${randomBytes(10).toString('hex')}`;
const now = (): number => Math.floor(Date.now() / 1_000);

/**
 * Stands between the payment gateway and the shop, and remembers every webhook as it was signed. In a storm each is
 * delivered several times, late and in any order, and those of long ago come again.
 */
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Random } from '../random.ts';

type Webhook = { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: Buffer };

const REMEMBERED = 2_000;
const TIMEOUT_MS = 6_000;
const LATE_MS = 1_500;
const COPIES = 6;
const OLD_ONES = 60;

export class WebhookRelay {
  readonly url: string;
  readonly #close: () => void;
  readonly #seen: Webhook[] = [];
  #shop: URL | undefined;
  #storm: Random | undefined;
  readonly #timers = new Set<NodeJS.Timeout>();

  private constructor(url: string, close: () => void) {
    this.url = url;
    this.#close = close;
  }

  static async open(): Promise<WebhookRelay> {
    const server = createServer((incoming, outgoing) => {
      const parts: Buffer[] = [];
      incoming.on('data', (part: Buffer) => parts.push(part));
      incoming.on('end', () => {
        const { url: path = '/', headers } = incoming;
        void relay
          .#take({ path, headers, body: Buffer.concat(parts) })
          .then((status) => outgoing.writeHead(status).end());
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const relay: WebhookRelay = new WebhookRelay(`http://127.0.0.1:${port}`, () => {
      server.closeAllConnections();
      server.close();
    });
    return relay;
  }

  deliverTo(shop: string): void {
    this.#shop = new URL(shop);
  }

  begin(random: Random): void {
    this.#storm = random;
    for (let n = 0; n < Math.min(OLD_ONES, this.#seen.length); n++) this.#later(random.of(this.#seen), random);
  }

  end(): void {
    this.#storm = undefined;
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#close();
  }

  async #take(webhook: Webhook): Promise<number> {
    this.#seen.push(webhook);
    if (this.#seen.length > REMEMBERED) this.#seen.shift();
    const random = this.#storm;
    if (random === undefined) return this.#deliver(webhook);
    // Answered as taken, and delivered whenever; one in four is refused first, so that its sender sends it again as well.
    for (let copy = 0; copy < COPIES; copy++) this.#later(webhook, random);
    return random.below(4) === 0 ? 503 : 200;
  }

  /** Until the shop has taken it: its sender was told that it has. */
  #later(webhook: Webhook, random: Random): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void this.#deliver(webhook).then((status) => {
        if (status < 200 || status >= 300) this.#later(webhook, random);
      });
    }, random.below(LATE_MS));
    this.#timers.add(timer);
  }

  #deliver({ path, headers, body }: Webhook): Promise<number> {
    return new Promise((resolve) => {
      if (this.#shop === undefined) return resolve(503);
      const { host: _, connection: __, ...rest } = headers;
      const outgoing = request(
        {
          hostname: this.#shop.hostname,
          port: this.#shop.port,
          method: 'POST',
          path,
          headers: rest,
          timeout: TIMEOUT_MS,
        },
        (answer) => {
          answer.resume();
          answer.on('end', () => resolve(answer.statusCode ?? 502));
          answer.on('error', () => resolve(502));
        },
      );
      outgoing.on('timeout', () => outgoing.destroy());
      outgoing.on('error', () => resolve(502));
      outgoing.end(body);
    });
  }
}

/**
 * HTTP/1.1 by hand over one kept connection, one request at a time: a tenth of the CPU of Node's own client, so that
 * the load does not take the cores from what it measures. Answers are text to be scanned; those without a
 * content-length are not understood.
 */
import { connect, type Socket } from 'node:net';

export type Reply = {
  readonly status: number;
  /** Head and body. */
  readonly text: string;
};

/** The server could not be reached, went away, or did not answer in time: it may or may not have been done. */
export class NoReply extends Error {
  override readonly name = 'NoReply';
}

const END_OF_HEAD = '\r\n\r\n';
const LENGTH = /\r\ncontent-length: *(\d+)/i;
const TIMEOUT_MS = 20_000;

type Waiting = { readonly resolve: (reply: Reply) => void; readonly reject: (error: Error) => void };

export class Connection {
  readonly #host: string;
  readonly #port: number;
  #socket: Socket | undefined;
  #received = '';
  #waiting: Waiting | undefined;
  #closed = false;

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.#host = hostname;
    this.#port = Number(port);
  }

  /** `request` is complete: head, empty line, body. Throws NoReply. */
  ask(request: string): Promise<Reply> {
    if (this.#waiting !== undefined) throw new Error('one request at a time on a connection');
    if (this.#closed) return Promise.reject(new NoReply('closed'));
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket ??= this.#open();
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#closed = true;
    this.#socket?.destroy();
  }

  #open(): Socket {
    const socket = connect({ host: this.#host, port: this.#port, noDelay: true });
    socket.setTimeout(TIMEOUT_MS, () => {
      // A connection that idles is no failure.
      if (this.#waiting !== undefined) socket.destroy(new Error(`no answer in ${TIMEOUT_MS / 1000} s`));
    });
    socket.on('data', (part: Buffer) => this.#read(part));
    let cause = 'the server closed the connection';
    socket.on('error', ({ message }) => {
      cause = message;
    });
    socket.on('close', () => {
      this.#socket = undefined;
      this.#received = '';
      this.#take()?.reject(new NoReply(cause));
    });
    return socket;
  }

  #read(part: Buffer): void {
    // One byte a character, so that lengths agree; what is scanned for is ASCII.
    const text = this.#received === '' ? part.toString('latin1') : this.#received + part.toString('latin1');
    this.#received = text;
    const head = text.indexOf(END_OF_HEAD);
    if (head < 0) return;
    const status = Number(text.slice(9, 12));
    const length = status === 204 ? '0' : LENGTH.exec(text.slice(0, head))?.[1];
    if (length === undefined) {
      this.#take()?.reject(new NoReply(`an answer without content-length: ${text.slice(0, 200)}`));
      return;
    }
    if (text.length < head + END_OF_HEAD.length + Number(length)) return;
    this.#received = '';
    this.#take()?.resolve({ status, text });
  }

  #take(): Waiting | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    return waiting;
  }
}

/** What stands between `before` and the next quote. */
export function between(text: string, before: string): string | undefined {
  const at = text.indexOf(before);
  if (at < 0) return undefined;
  const from = at + before.length;
  return text.slice(from, text.indexOf('"', from));
}

/**
 * NATS clients write to their socket once a microtask, which under load is once a message: a system call each here, and
 * a wake-up each in the server. Gathered, everything of one turn of the event loop is one write; when there is little to
 * do a turn is over at once, so nobody waits for it.
 *
 * The libraries (nats.js 2 and 3) have no setting for it: `send` of their transport's class is wrapped, once, which also
 * holds for the transports of later reconnects. A client of another shape is left as it is.
 */
import { Socket } from 'node:net';

type Transport = { send(frame: Uint8Array): void; readonly socket?: unknown };

const wrapped = new WeakSet<object>();

/** `connection`: an open one of either library. False: it is of another shape. */
export function gatherWrites(connection: object): boolean {
  const transport = transportOf(connection);
  if (transport === undefined) return false;
  const prototype: Transport = Object.getPrototypeOf(transport);
  if (wrapped.has(prototype)) return true;
  wrapped.add(prototype);
  const { send } = prototype;
  prototype.send = function gathered(this: Transport, frame: Uint8Array): void {
    const { socket } = this;
    if (socket instanceof Socket && socket.writableCorked === 0) {
      socket.cork();
      setImmediate(() => socket.uncork());
    }
    send.call(this, frame);
  };
  return true;
}

function transportOf(connection: object): Transport | undefined {
  const protocol: unknown = Reflect.get(connection, 'protocol');
  if (typeof protocol !== 'object' || protocol === null) return undefined;
  const transport: unknown = Reflect.get(protocol, 'transport');
  return isTransport(transport) ? transport : undefined;
}

const isTransport = (value: unknown): value is Transport =>
  typeof value === 'object' && value !== null && typeof Reflect.get(value, 'send') === 'function';

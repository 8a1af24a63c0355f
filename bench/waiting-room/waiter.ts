/** One who waits: a socket, a few numbers, and HTTP by hand, so that fifty thousand of them fit into a process. */
import { connect, type Socket } from 'node:net';

export type WaiterOptions = {
  readonly host: string;
  readonly port: number;
  readonly room: string;
  readonly token: string;
  /** An address of the loopback: each has ports for some 28,000. */
  readonly from: string;
  readonly onPosition: () => void;
  readonly onAdmitted: () => void;
  readonly onSoldOut: () => void;
  readonly onCutOff: () => void;
};

const TIMEOUT_MS = 60_000;

/** Takes a place and opens its stream; resolves when it has been told where it stands. */
export function wait(options: WaiterOptions): Promise<Socket> {
  const { host, port, room, token, from } = options;
  const head = `host: ${host}\r\nauthorization: Bearer ${token}\r\n`;
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, localAddress: from });
    let phase: 'entering' | 'opening' | 'waiting' | 'over' = 'entering';
    const timer = setTimeout(() => fail(`no answer while ${phase}`), TIMEOUT_MS);
    const fail = (why: string): void => {
      clearTimeout(timer);
      phase = 'over';
      socket.destroy();
      reject(new Error(why));
    };
    const settle = (tell: () => void): void => {
      clearTimeout(timer);
      phase = 'over';
      tell();
      socket.end();
      resolve(socket);
    };
    socket.on('connect', () =>
      socket.write(`POST /api/waiting-room/${room}/places HTTP/1.1\r\n${head}content-length: 0\r\n\r\n`),
    );
    socket.on('error', ({ message }) => (phase === 'waiting' ? options.onCutOff() : fail(message)));
    socket.on('close', () => {
      if (phase === 'waiting') options.onCutOff();
      else if (phase !== 'over') fail(`closed while ${phase}`);
      phase = 'over';
    });
    socket.on('data', (part: Buffer) => {
      const text = part.toString('latin1');
      if (phase === 'entering') {
        if (!text.startsWith('HTTP/1.1 200')) return fail(text.slice(0, 40).split('\r', 1)[0] ?? '');
        if (text.includes('"status":"admitted"')) return settle(options.onAdmitted);
        if (!text.includes('"status":"waiting"')) return;
        phase = 'opening';
        socket.write(`GET /api/waiting-room/${room}/events HTTP/1.1\r\n${head}\r\n`);
        return;
      }
      if (phase === 'opening' && !text.startsWith('HTTP/1.1 200') && !text.includes('event: ')) {
        return fail(text.slice(0, 40).split('\r', 1)[0] ?? '');
      }
      if (text.includes('event: position')) {
        options.onPosition();
        if (phase === 'opening') {
          phase = 'waiting';
          clearTimeout(timer);
          resolve(socket);
        }
      }
      if (text.includes('event: admitted')) settle(options.onAdmitted);
      else if (text.includes('event: sold-out')) settle(options.onSoldOut);
    });
  });
}

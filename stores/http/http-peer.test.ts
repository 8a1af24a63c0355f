import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { HttpPeer, type HttpPeerOptions } from './http-peer.ts';

async function peerOf(listener: RequestListener, options: HttpPeerOptions = {}) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const peer = new HttpPeer(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, options);
  return {
    peer,
    server,
    async [Symbol.asyncDispose]() {
      peer.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const get = { method: 'GET', path: '/?a=1', headers: {} } as const;

test('a request goes out with its body, and any status comes back as an answer', async () => {
  await using at = await peerOf((request, response) => {
    let body = '';
    request.on('data', (part) => (body += part));
    request.on('end', () => response.writeHead(418).end(`${request.method} ${request.url} ${body} ü`));
  });
  const answer = await at.peer.send({ method: 'POST', path: '/x?y=z', headers: { 'x-a': 'b' }, body: 'hello' });
  expect(answer).toEqual({ status: 418, text: 'POST /x?y=z hello ü' });
});

test('silence, at any point, ends with the time that a request has', async () => {
  await using silent = await peerOf(() => undefined, { timeoutMs: 50 });
  await expect(silent.peer.send(get)).rejects.toMatchObject({ code: 'timeout' });
  await using halfway = await peerOf((_, response) => void response.writeHead(200).write('half'), { timeoutMs: 50 });
  await expect(halfway.peer.send(get)).rejects.toMatchObject({ code: 'timeout' });
});

test('waiting for a connection counts, and the connection is free again after a time-out', async () => {
  let asked = 0;
  await using at = await peerOf((_, response) => void (++asked > 1 && response.end('late')), {
    connections: 1,
    timeoutMs: 80,
  });
  const both = await Promise.allSettled([at.peer.send(get), at.peer.send(get)]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await at.peer.send(get)).toEqual({ status: 200, text: 'late' });
});

test('an answer without end, and a host that is not there', async () => {
  await using endless = await peerOf((_, response) => void response.writeHead(200).write('x'.repeat(2_000)), {
    maxBytes: 1_000,
  });
  await expect(endless.peer.send(get)).rejects.toMatchObject({ code: 'answer-too-long' });
  endless.server.closeAllConnections();
  await new Promise((resolve) => endless.server.close(resolve));
  await expect(endless.peer.send(get)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

/** An API on its bad days, as the settings say. */
import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Refused } from './books.ts';
import type { ApiTrouble } from './settings.ts';

/** Before an answer: late, or not at all. Throws Refused. */
export async function misbehave(api: ApiTrouble): Promise<void> {
  if (api.delayMs > 0) await pause(api.delayMs);
  if (api.failNext === 0) return;
  api.failNext -= 1;
  throw new Refused(503, 'The server is having a bad time, as it was asked to');
}

/** What was asked is done, and then the connection is cut: the caller never knows. */
export function loseAnswers(
  app: FastifyInstance,
  api: ApiTrouble,
  changes: (request: FastifyRequest) => boolean,
): void {
  app.addHook('onSend', async (request) => {
    if (api.loseNext === 0 || !changes(request)) return;
    api.loseNext -= 1;
    request.raw.socket.destroy();
  });
}

/** One timer a remote call, on the caller's side. (Moleculer's own middleware also sets one at the callee.) */
import { Errors, type Middleware } from 'moleculer';

export const callTimeout: Middleware = {
  name: 'call-timeout',
  remoteAction(next, action) {
    return function withTimeout(ctx) {
      return new Promise((resolve, reject) => {
        const { broker, nodeID } = ctx;
        const timer = setTimeout(() => {
          // An answer that comes after all finds nobody waiting.
          broker.transit?.removePendingRequest(ctx.id);
          reject(new Errors.RequestTimeoutError({ action: action.name ?? '', nodeID: nodeID ?? '' }));
        }, ctx.options.timeout ?? broker.options.requestTimeout);
        next.call(this, ctx).then(
          (answer: unknown) => {
            clearTimeout(timer);
            resolve(answer);
          },
          (error: unknown) => {
            clearTimeout(timer);
            broker.transit?.removePendingRequest(ctx.id);
            reject(error);
          },
        );
      });
    };
  },
};

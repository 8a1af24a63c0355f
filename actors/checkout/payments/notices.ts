/** What a gateway says, told to the payment: whether it came by a webhook, with the customer's browser, or because we asked. */
import type { Actors } from '../../clients.ts';
import type { Outcome } from '../../runtime/envelope.ts';
import type { GatewayNotice } from '../ports.ts';

type Told = Outcome<unknown, { readonly type: string }>;

/**
 * Each fact has the same command id whichever way it came; what is repeated, late or out of order is the payment's business.
 * undefined: it asks nothing of us.
 */
export function recordNotice(
  actors: Pick<Actors, 'payment'>,
  notice: GatewayNotice,
  gateway: string,
  options: { readonly trace?: string } = {},
): Promise<Told> | undefined {
  if (notice.type === 'ignored') return undefined;
  const payment = actors.payment(notice.paymentId);
  switch (notice.type) {
    case 'captured': {
      const { gatewayPaymentId, amount, gatewayAt } = notice;
      const commandId = `captured:${gatewayPaymentId}`;
      return payment.recordCapture({ gatewayPaymentId, amount, gatewayAt, gateway }, { ...options, commandId });
    }
    case 'authorised': {
      const { gatewayPaymentId, amount, gatewayAt, expiresAt } = notice;
      const commandId = `authorised:${gatewayPaymentId}`;
      const promise = { gatewayPaymentId, amount, gatewayAt, expiresAt, gateway };
      return payment.recordAuthorisation(promise, { ...options, commandId });
    }
    case 'voided': {
      const { gatewayPaymentId } = notice;
      // With a fresh command id: a void that came before its authorisation was recorded may come again.
      return payment.recordVoid({ gatewayPaymentId }, options);
    }
    case 'failed': {
      const { gatewayPaymentId, code, description } = notice;
      const commandId = `failed:${gatewayPaymentId}`;
      return payment.recordFailure({ gatewayPaymentId, code, description }, { ...options, commandId });
    }
    case 'refunded': {
      const { refundId, gatewayRefundId } = notice;
      const commandId = `refunded:${gatewayRefundId}`;
      return payment.recordRefund({ refundId, gatewayRefundId }, { ...options, commandId });
    }
    case 'refund-failed': {
      const { refundId, reason } = notice;
      const commandId = `refund-failed:${refundId}`;
      return payment.recordRefundFailure({ refundId, reason }, { ...options, commandId });
    }
    default:
      return notice satisfies never;
  }
}

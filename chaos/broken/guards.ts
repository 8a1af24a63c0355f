/**
 * Guards that can be taken out of the code that a system runs, to see that the checker notices. The product has no switch
 * for it: the source of a module is changed on its way into the process (loader.ts), and only in processes that chaos
 * itself has started.
 */
import type { FaultName } from '../faults/fault.ts';

export type Patch = {
  /** From the root of the checkout. */
  readonly module: string;
  /** Must be there exactly once: a guard that has moved is not silently left in. */
  readonly find: string;
  readonly replace: string;
};

export type Guard = {
  /** What it guards against, for people. */
  readonly what: string;
  readonly fault: FaultName;
  readonly stage: 'apart' | 'together' | 'cluster' | 'full-disk' | 'power';
  /** What else happens in most runs, so that the fault meets something under way. */
  readonly besides?: FaultName;
  /** Whom the fault must befall to show it, where that is not anybody. */
  readonly victims?: RegExp;
  /** None: it is a setting that is changed (suite/break.ts). */
  readonly patches: readonly Patch[];
};

/** An append that is not answered is taken for stored. */
const SILENCE_IS_CONSENT: readonly Patch[] = [
  {
    module: 'stores/nats/jetstream-event-log.ts',
    find: "    case 'unknown':\n      return result;",
    replace: "    case 'unknown':\n      return { outcome: 'appended', sequence: 0 };",
  },
];

export const GUARDS: Readonly<Record<string, Guard>> = {
  'ack-after-handling': {
    what: 'a reactor acknowledges a message when it has handled it, not when it gets it',
    fault: 'kill',
    besides: 'slow-disk',
    stage: 'apart',
    victims: /^(actors|nats-server)/,
    patches: [
      {
        module: 'brokers/reactors/session.ts',
        find: '    if (this.#collected === undefined) this.#begin(delivery);',
        replace:
          '    this.#options.nc.publish(delivery.reply);\n    if (this.#collected === undefined) this.#begin(delivery);',
      },
    ],
  },
  idempotency: {
    what: 'an Idempotency-Key makes one order, however often the request is sent',
    fault: 'kill',
    stage: 'apart',
    victims: /^gateway/,
    patches: [
      {
        module: 'gateway/http/idempotent.ts',
        find: 'const claim = await store.claim(scope, key, fingerprintOf(request));',
        replace:
          "const none = async () => {}; const claim: Claim = { state: 'claimed', seed: randomBytes(16).toString('hex'), at: Date.now(), complete: none, abandon: none }; void [scope, fingerprintOf];",
      },
    ],
  },
  'expected-sequence': {
    what: 'an append states the last sequence that its writer has seen',
    fault: 'pause',
    stage: 'apart',
    victims: /^actors/,
    patches: [
      {
        module: 'stores/nats/jetstream-event-log.ts',
        find: 'guardHeaders(expected, headers)',
        replace: 'headers',
      },
    ],
  },
  'fresh-reads': {
    what: 'what a node remembers is told to readers only while the log has confirmed it',
    fault: 'pause',
    stage: 'apart',
    victims: /^actors/,
    patches: [
      {
        module: 'actors/runtime/activation/journal.ts',
        find: 'return since >= 0 && since < FRESH_MS;',
        replace: 'return since !== 0.5;',
      },
    ],
  },
  'sale-limit': {
    what: 'a bucket counts what each customer holds and has bought',
    fault: 'kill',
    stage: 'together',
    patches: [
      {
        module: 'actors/sku/decide.ts',
        find: "if (quantity > left) return reject({ type: 'limit-reached'",
        replace: "if (quantity > 1_000) return reject({ type: 'limit-reached'",
      },
    ],
  },
  'parcel-number': {
    what: 'a bucket takes up a transfer once, known by its number',
    fault: 'kill',
    stage: 'apart',
    victims: /^actors/,
    patches: [
      {
        module: 'actors/sku/buckets/decide-transfers.ts',
        find: 'hasArrived(state, from, number)',
        replace: 'number < 0',
      },
    ],
  },
  'doubt-cluster': {
    what: 'an append without an answer is looked up, not taken for stored',
    fault: 'cluster',
    stage: 'cluster',
    patches: SILENCE_IS_CONSENT,
  },
  'command-window': {
    what: 'a command that is sent again is decided once',
    fault: 'slow-disk',
    // So that what is being written, and slowly, is in doubt.
    besides: 'kill',
    victims: /^nats-server/,
    stage: 'apart',
    patches: [
      {
        module: 'actors/runtime/activation/turn.ts',
        find: 'memory.window.find(envelope.commandId)',
        replace: "memory.window.find('never sent')",
      },
    ],
  },
  'late-money': {
    what: 'a payment that an order does not want any more, by its own clock, is given back',
    fault: 'clock',
    stage: 'apart',
    victims: /^actors/,
    patches: [
      {
        module: 'actors/checkout/settlement.ts',
        find: "{ commandId: commandId('paid') });\n        if (told.ok) return;\n",
        replace:
          "{ commandId: commandId('paid') });\n        if (told.ok || told.rejection.status !== 'CREATED') return;\n",
      },
    ],
  },
  'capture-once': {
    what: 'a capture that is told twice is taken once',
    fault: 'webhooks',
    stage: 'apart',
    patches: [
      {
        module: 'actors/checkout/payments/notices.ts',
        find: 'recordCapture({ gatewayPaymentId, amount, gatewayAt, gateway }, { ...options, commandId })',
        replace: 'recordCapture({ gatewayPaymentId, amount, gatewayAt, gateway }, options)',
      },
      {
        module: 'actors/payment/decide.ts',
        find: "if (state.status === 'captured' && state.capture.gatewayPaymentId === gatewayPaymentId)",
        replace: 'if (amount < 0)',
      },
    ],
  },
  'doubt-disk': {
    what: 'an append without an answer is looked up, not taken for stored',
    fault: 'full-disk',
    stage: 'full-disk',
    patches: SILENCE_IS_CONSENT,
  },
  'sync-always': {
    what: "NATS' `sync_interval: always`; with its default of two minutes",
    fault: 'power',
    stage: 'power',
    patches: [],
  },
};

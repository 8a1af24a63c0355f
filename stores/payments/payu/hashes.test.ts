import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandHash, type Fields, isAuthentic, requestHash, responseHash } from './hashes.ts';
import { payuSdk, sdkCommandHash } from './testing/sdk.ts';

describe('published hashes', () => {
  /** https://testdeveloper.payubiz.in/documentation/Hash-generation/26 and PayU’s Integration Document 2.6 */
  it('of a request with some of the udf fields', () => {
    const fields = {
      key: 'C0Dr8m',
      txnid: '12345',
      amount: '10',
      productinfo: 'Shopping',
      firstname: 'Test',
      email: 'test@test.com',
    };
    expect(requestHash({ ...fields, udf2: 'abc', udf4: '15' }, '3sf0jURk')).toBe(
      'ffcdbf04fa5beefdcc2dd476c18bc410f02b3968e7f4f54e8f43f1e1a310bb32e3b4dec9305232bb89db5b1d0c009a53bcace6f4bd8ec2f695baf3d43ba730ce',
    );
  });

  /** The unit test of PayU’s SDK for Python (payu_sdk), with the public key and salt of PayU's test environment. */
  it('of a request without any', () => {
    const fields = {
      key: 'gtKFFx',
      txnid: '20200429103010',
      amount: '10',
      productinfo: 'iPhone',
      firstname: 'Ashish',
      email: 'test@gmail.com',
    };
    expect(requestHash(fields, 'eCwWELxi')).toBe(
      '672de0802e96766044e473db706bdb1f14dea0ad3b3a69fed02377233a8bb73c646a43520bf0d7217647945ac0f0602c49e3b4109c379df75d8dbb1d4702ae6b',
    );
  });
});

/** None has a pipe in it: see below. */
const text = fc.stringMatching(/^[^|]{1,12}$/);
const maybe = fc.oneof(fc.constant(''), text);
const credentials = { key: 'gtKFFx', salt: 'eCwWELxi' };
const fields = fc.record(
  {
    key: fc.constant(credentials.key),
    txnid: text,
    amount: text,
    productinfo: text,
    firstname: text,
    email: text,
    udf1: maybe,
    udf2: maybe,
    udf3: maybe,
    udf4: maybe,
    udf5: maybe,
  },
  { noNullPrototype: true },
);

describe('PayU’s own SDK agrees', () => {
  const { hasher } = payuSdk(credentials);

  it('on every request', () => {
    fc.assert(
      fc.property(fields, (given) => {
        expect(requestHash(given, credentials.salt)).toBe(hasher.generatePaymentHash(given));
      }),
    );
  });

  it('on every response, with additional charges and without', () => {
    fc.assert(
      fc.property(
        fields,
        fc.constantFrom('success', 'failure', 'pending'),
        fc.option(text),
        (given, status, charges) => {
          const said: Fields = { ...given, status, ...(charges === null ? {} : { additionalCharges: charges }) };
          const hash = responseHash(said, credentials.salt);
          expect(hash).toBe(hasher.generateResponseHash(said));
          expect(hasher.validateResponseHash({ ...said, hash })).toBe(true);
          expect(isAuthentic({ ...said, hash }, [credentials.salt])).toBe(true);
          expect(isAuthentic({ ...said, hash }, ['another'])).toBe(false);
        },
      ),
    );
  });

  it('on every command', () => {
    fc.assert(
      fc.property(text, text, (command, var1) => {
        expect(commandHash(credentials.key, command, var1, credentials.salt)).toBe(
          sdkCommandHash(credentials, command, var1),
        );
      }),
    );
  });
});

describe('a response', () => {
  const said: Fields = {
    key: 'gtKFFx',
    txnid: 't1',
    amount: '10.00',
    productinfo: 'Order',
    firstname: 'Customer',
    email: 'pay@haat.example',
    status: 'success',
  };
  const signed = (more: Fields = {}): Fields => ({ ...said, ...more, hash: responseHash({ ...said, ...more }, 'new') });

  it('may be by any of the salts while one is changed', () => {
    expect(isAuthentic(signed(), ['new', 'old'])).toBe(true);
    expect(isAuthentic(signed(), ['old', 'new'])).toBe(true);
    expect(isAuthentic(signed(), ['old'])).toBe(false);
    expect(isAuthentic(signed(), [])).toBe(false);
  });

  it('is exactly this: any field changed, taken away or added makes it another', () => {
    for (const name of [...Object.keys(said), 'udf1', 'udf5', 'additionalCharges', 'additional_charges']) {
      expect(isAuthentic({ ...signed(), [name]: '10.01' }, ['new'])).toBe(false);
      if (said[name] !== undefined) expect(isAuthentic({ ...signed(), [name]: undefined }, ['new'])).toBe(false);
    }
  });

  it('spells additional charges in either way, and they are covered', () => {
    for (const name of ['additionalCharges', 'additional_charges']) {
      expect(isAuthentic(signed({ [name]: '2.00' }), ['new'])).toBe(true);
      expect(isAuthentic({ ...signed({ [name]: '2.00' }), [name]: '3.00' }, ['new'])).toBe(false);
    }
  });

  it('with a pipe in a value is not believed: the same text could be read as other fields', () => {
    const shifted = { productinfo: 'Order|10.00', amount: 't1', txnid: '' };
    expect(isAuthentic(signed(shifted), ['new'])).toBe(false);
    expect(isAuthentic(signed({ firstname: 'a|b' }), ['new'])).toBe(false);
  });

  it('has a hash of 128 hex digits, in either case', () => {
    const { hash = '' } = signed();
    expect(isAuthentic({ ...signed(), hash: hash.toUpperCase() }, ['new'])).toBe(true);
    for (const bad of ['', hash.slice(1), `${hash}0`, 'z'.repeat(128), undefined])
      expect(isAuthentic({ ...signed(), hash: bad }, ['new'])).toBe(false);
  });
});

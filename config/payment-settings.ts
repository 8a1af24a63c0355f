/** PayU and the lender, as the environment has them: whole, or simulated; in production whole, or not offered. */
import type { Secrets } from './secrets.ts';

/** Secrets of which several are good at once, separated by commas; in a file they are changed while it runs. */
export type KeptSecrets = { readonly list: string } | { readonly file: string };

/** `simulated`: it is the simulator at `simulatorUrl` that is spoken to. */
export type PayuEnv = { readonly key: string; readonly salts: KeptSecrets; readonly simulated: boolean };
export type PayLaterEnv = {
  readonly apiUrl: string;
  readonly clientSecret: string;
  readonly webhookSecrets: KeptSecrets;
  readonly simulated: boolean;
};

export type PaymentVariables = {
  readonly SIMULATOR_URL?: string | undefined;
  readonly PAYU_KEY?: string | undefined;
  readonly PAYU_SALT?: string | undefined;
  readonly PAYU_SALT_FILE?: string | undefined;
  readonly PAY_LATER_URL?: string | undefined;
  readonly PAY_LATER_CLIENT_SECRET?: string | undefined;
  readonly PAY_LATER_WEBHOOK_SECRET?: string | undefined;
  readonly PAY_LATER_WEBHOOK_SECRET_FILE?: string | undefined;
};

function keptIn(list: string | undefined, file: string | undefined): KeptSecrets | undefined {
  if (file !== undefined) return { file };
  return list === undefined ? undefined : { list };
}

const saltsOf = (v: PaymentVariables) => keptIn(v.PAYU_SALT, v.PAYU_SALT_FILE);
const lenderSecretsOf = (v: PaymentVariables) => keptIn(v.PAY_LATER_WEBHOOK_SECRET, v.PAY_LATER_WEBHOOK_SECRET_FILE);

/** What is wrong with them, in words that name the variables. */
export function paymentProblems(v: PaymentVariables): readonly string[] {
  const problems: string[] = [];
  if (v.PAYU_SALT !== undefined && v.PAYU_SALT_FILE !== undefined)
    problems.push('PAYU_SALT and PAYU_SALT_FILE: set one of them');
  if ((v.PAYU_KEY === undefined) !== (saltsOf(v) === undefined))
    problems.push('PAYU_KEY and PAYU_SALT (or PAYU_SALT_FILE): set both or neither');
  if (v.PAY_LATER_WEBHOOK_SECRET !== undefined && v.PAY_LATER_WEBHOOK_SECRET_FILE !== undefined)
    problems.push('PAY_LATER_WEBHOOK_SECRET and PAY_LATER_WEBHOOK_SECRET_FILE: set one of them');
  const lender = [v.PAY_LATER_URL, v.PAY_LATER_CLIENT_SECRET, lenderSecretsOf(v)];
  if (new Set(lender.map((given) => given === undefined)).size > 1)
    problems.push(
      'PAY_LATER_URL, PAY_LATER_CLIENT_SECRET and PAY_LATER_WEBHOOK_SECRET (or PAY_LATER_WEBHOOK_SECRET_FILE): set all or none',
    );
  return problems;
}

/** `secrets`: those that are kept where nobody configured any; not asked for in production. */
export function paymentSettings(
  v: PaymentVariables,
  { production, simulatorUrl, secrets }: { production: boolean; simulatorUrl: string; secrets: () => Secrets },
): { readonly payu: PayuEnv | undefined; readonly payLater: PayLaterEnv | undefined } {
  const simulated = v.SIMULATOR_URL !== undefined;
  const salts = saltsOf(v);
  const webhookSecrets = lenderSecretsOf(v);
  const { PAYU_KEY: key, PAY_LATER_URL: given, PAY_LATER_CLIENT_SECRET: clientSecret } = v;
  const lender = `${simulatorUrl}/pay-later`;
  const payu = (): PayuEnv | undefined => {
    if (key !== undefined && salts !== undefined) return { key, salts, simulated };
    return production ? undefined : { key: secrets().payuKey, salts: { list: secrets().payuSalt }, simulated: true };
  };
  const payLater = (): PayLaterEnv | undefined => {
    if (given !== undefined && clientSecret !== undefined && webhookSecrets !== undefined)
      return { apiUrl: simulated ? lender : given, clientSecret, webhookSecrets, simulated };
    if (production) return undefined;
    const { payLaterClientSecret, payLaterWebhookSecret } = secrets();
    const own = { clientSecret: payLaterClientSecret, webhookSecrets: { list: payLaterWebhookSecret } };
    return { apiUrl: lender, ...own, simulated: true };
  };
  return { payu: payu(), payLater: payLater() };
}

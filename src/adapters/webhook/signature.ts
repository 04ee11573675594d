import { createHmac } from 'node:crypto';

const BASE64_SECRET = 'whsec_';

/**
 * The signature of a message as Standard Webhooks has it (https://www.standardwebhooks.com): HMAC-SHA256 over
 * `id.timestamp.body`, in base64 behind its version. A secret that begins with `whsec_` is base64, as there; any other
 * is taken as it is.
 */
export function signatureOf(
  message: { id: string; timestamp: number; body: string },
  secret: string,
): string {
  const key = secret.startsWith(BASE64_SECRET)
    ? Buffer.from(secret.slice(BASE64_SECRET.length), 'base64')
    : Buffer.from(secret);
  const { id, timestamp, body } = message;
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

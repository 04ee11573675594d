import { createHash } from 'node:crypto';
import { messageOf } from '../../core/errors.ts';
import { bounded } from '../../core/notices/bounded.ts';
import type { Delivery, Notice, NoticeTarget } from '../../core/notices/ports.ts';
import { signatureOf } from './signature.ts';

const TIMEOUT_MS = 10_000;
const SECOND_MS = 1_000;
/** Answers below 500 that mean "later" (RFC 9110, RFC 6585, RFC 8470); of the others another try gets the same. */
const LATER: ReadonlySet<number> = new Set([408, 409, 425, 429]);

export interface WebhookOptions {
  readonly url: string;
  readonly secret: string;
  readonly events?: readonly string[] | undefined;
  /** Epoch ms. */
  readonly now: () => number;
}

/** Posts notices as signed JSON to one address. */
export class Webhook implements NoticeTarget {
  readonly name: string;
  readonly key: string;
  readonly events: readonly string[] | undefined;
  readonly #options: WebhookOptions;

  constructor(options: WebhookOptions) {
    this.#options = options;
    // The rest of an address is often a secret.
    this.name = `webhook ${new URL(options.url).origin}`;
    this.key = `webhook-${createHash('sha256').update(options.url).digest('hex').slice(0, 16)}`;
    this.events = options.events;
  }

  async deliver(notice: Notice, signal?: AbortSignal): Promise<Delivery> {
    const { url, secret, now } = this.#options;
    const body = JSON.stringify(payload(notice));
    const timestamp = Math.floor(now() / SECOND_MS);
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'user-agent': 'codewalk',
          'webhook-id': notice.id,
          'webhook-timestamp': String(timestamp),
          'webhook-signature': signatureOf({ id: notice.id, timestamp, body }, secret),
        },
        body,
        // What is told here is for this address; where it points to is somebody else's choice.
        redirect: 'manual',
        signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), ...(signal === undefined ? [] : [signal])]),
      });
      await response.body?.cancel();
      return verdict(response);
    } catch (error) {
      return { kind: 'again', reason: reasonOf(error) };
    }
  }
}

function verdict({ ok, status, headers }: Response): Delivery {
  if (ok) return { kind: 'delivered' };
  const reason = `it answered ${status}`;
  if (status >= 300 && status < 400)
    return { kind: 'refused', reason: `${reason}: redirects are not followed` };
  if (status < 500 && !LATER.has(status)) return { kind: 'refused', reason };
  const seconds = Number(headers.get('retry-after') ?? 0);
  return { kind: 'again', reason, ...(seconds > 0 ? { afterMs: seconds * SECOND_MS } : {}) };
}

function payload({ kind, title, text, project, event }: Notice): unknown {
  const { seq, at, type, ...facts } = event;
  return {
    ...{ seq, at: new Date(at).toISOString(), type, project, notice: { kind, title, text } },
    ...(bounded(facts) as object),
  };
}

/** `fetch` says "fetch failed", and why in the cause. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `no answer in ${TIMEOUT_MS} ms`;
  return error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
}

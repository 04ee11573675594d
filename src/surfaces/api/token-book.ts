import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** What is kept of a token: enough to recognise it, and nothing to get in with. */
export interface TokenRecord {
  readonly id: string;
  /** Of the whole token, hex. */
  readonly sha256: string;
}

const SECRET_BYTES = 32;
const ID_BYTES = 6;
const TOKEN = /^cw_([\da-f]{12})_[\w-]{43}$/;
/** Compared with when there is no such id, so that both answers take the same way. */
const NOBODY = Buffer.alloc(32);

/** Makes a token of 256 random bits, and the record by which it is recognised. It is not to be had from that again. */
export function makeToken(): { readonly token: string; readonly record: TokenRecord } {
  const id = randomBytes(ID_BYTES).toString('hex');
  const token = `cw_${id}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
  return { token, record: { id, sha256: hashOf(token).toString('hex') } };
}

/** Tokens with whom each stands for. */
export class TokenBook<Actor> {
  readonly #entries = new Map<string, { readonly hash: Buffer; readonly actor: Actor }>();

  add({ id, sha256 }: TokenRecord, actor: Actor): void {
    this.#entries.set(id, { hash: Buffer.from(sha256, 'hex'), actor });
  }

  /** From now on it is nobody's. */
  revoke(id: string): void {
    this.#entries.delete(id);
  }

  /** Whose token it is. Looked up by its public part, compared as a hash, in constant time. */
  actorOf(token: string): Actor | undefined {
    const id = TOKEN.exec(token)?.[1];
    const entry = id === undefined ? undefined : this.#entries.get(id);
    const isSame = timingSafeEqual(entry?.hash ?? NOBODY, hashOf(token));
    return isSame ? entry?.actor : undefined;
  }
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

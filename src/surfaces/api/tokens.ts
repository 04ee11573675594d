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
  return { token, record: { id, sha256: createHash('sha256').update(token).digest('hex') } };
}

/** The public part of a token, by which its record is found; undefined for what is no token. */
export function tokenId(token: string): string | undefined {
  return TOKEN.exec(token)?.[1];
}

/** Compared as a hash, in constant time, and in the same way when there is no such record. */
export function isToken(token: string, record: TokenRecord | undefined): boolean {
  const known = record === undefined ? NOBODY : Buffer.from(record.sha256, 'hex');
  const given = createHash('sha256').update(token).digest();
  return known.length === given.length && timingSafeEqual(known, given) && record !== undefined;
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeToken, TokenBook } from './token-book.ts';

test('a token is recognised by a record that does not hold it', () => {
  const book = new TokenBook<string>();
  const { token, record } = makeToken();
  book.add(record, 'anna');
  assert.equal(book.actorOf(token), 'anna');
  assert.doesNotMatch(JSON.stringify(record), new RegExp(token.slice(-43)));
});

test('the id of a token with another secret is nobody', () => {
  const book = new TokenBook<string>();
  const [one, two] = [makeToken(), makeToken()];
  book.add(one.record, 'anna');
  const forged = `cw_${one.record.id}_${two.token.slice(-43)}`;
  assert.equal(book.actorOf(forged), undefined);
  assert.equal(book.actorOf(two.token), undefined);
  for (const odd of ['', 'cw_', `${one.token}x`, ` ${one.token}`, 'cw___proto___']) {
    assert.equal(book.actorOf(odd), undefined);
  }
});

test('a revoked token is nobody’s, and the others stay', () => {
  const book = new TokenBook<string>();
  const [one, two] = [makeToken(), makeToken()];
  book.add(one.record, 'anna');
  book.add(two.record, 'ben');
  book.revoke(one.record.id);
  assert.equal(book.actorOf(one.token), undefined);
  assert.equal(book.actorOf(two.token), 'ben');
});

test('a token has 256 bits of its own each time', () => {
  const secrets = new Set(Array.from({ length: 100 }, () => makeToken().token.slice(-43)));
  assert.equal(secrets.size, 100);
  for (const secret of secrets) assert.equal(Buffer.from(secret, 'base64url').length, 32);
});

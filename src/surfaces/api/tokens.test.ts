import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isToken, makeToken, tokenId } from './tokens.ts';

test('a token is recognised by a record that does not hold it', () => {
  const { token, record } = makeToken();
  assert.equal(tokenId(token), record.id);
  assert.ok(isToken(token, record));
  assert.doesNotMatch(JSON.stringify(record), new RegExp(token.slice(-43)));
});

test('the id of a token with another secret is nobody’s', () => {
  const [one, two] = [makeToken(), makeToken()];
  const forged = `cw_${one.record.id}_${two.token.slice(-43)}`;
  assert.equal(tokenId(forged), one.record.id);
  for (const odd of [forged, two.token, '', 'cw_', `${one.token}x`, ` ${one.token}`]) {
    assert.equal(isToken(odd, one.record), false, odd);
  }
});

test('without a record nothing is a token, and what is none has no id', () => {
  assert.equal(isToken(makeToken().token, undefined), false);
  for (const odd of ['', 'cw_', 'cw___proto___', 'cw_../../etc_x', `x${makeToken().token}`]) {
    assert.equal(tokenId(odd), undefined, odd);
  }
});

test('a token has 256 bits of its own each time', () => {
  const secrets = new Set(Array.from({ length: 100 }, () => makeToken().token.slice(-43)));
  assert.equal(secrets.size, 100);
  for (const secret of secrets) assert.equal(Buffer.from(secret, 'base64url').length, 32);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isNetworkFileSystem } from './network-file-system.ts';

test('NFS, SMB and CIFS are network file systems, local ones are not', () => {
  assert.equal(isNetworkFileSystem(0x6969), true);
  assert.equal(isNetworkFileSystem(0x517b), true);
  // statfs may give the type as a signed number.
  assert.equal(isNetworkFileSystem(0xff534d42 | 0), true);
  assert.equal(isNetworkFileSystem(0xef53), false); // ext4
  assert.equal(isNetworkFileSystem(0x01021994), false); // tmpfs
});

import type { Ids } from '../../core/ports.ts';

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz';
const LENGTH = 12;

// Loaded with the first id: it takes a while, and most commands need none.
const crypto = () => process.getBuiltinModule('node:crypto');

/** Ids from the machine's secure random source: 12 characters of base 36, about 62 bits. */
export const systemIds: Ids = {
  next: (prefix) => {
    const { randomInt } = crypto();
    let id = '';
    for (let index = 0; index < LENGTH; index += 1) id += ALPHABET[randomInt(ALPHABET.length)];
    return `${prefix}_${id}`;
  },
  uuid: () => crypto().randomUUID(),
  random: () => Math.random(),
};

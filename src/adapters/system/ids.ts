import { randomInt, randomUUID } from 'node:crypto';
import type { Ids } from '../../core/ports.ts';

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz';
const LENGTH = 12;

/** Ids from the machine's secure random source: 12 characters of base 36, about 62 bits. */
export const systemIds: Ids = {
  next: (prefix) => {
    let id = '';
    for (let index = 0; index < LENGTH; index += 1) id += ALPHABET[randomInt(ALPHABET.length)];
    return `${prefix}_${id}`;
  },
  uuid: () => randomUUID(),
  random: () => Math.random(),
};

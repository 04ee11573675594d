/** Finals of control sequences (`ESC [ … A`) and of the keypad's (`ESC O A`), as xterm, tmux and the Linux console send them. */
export const FINAL_KEYS: Readonly<Record<string, string>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  E: 'begin',
  F: 'end',
  H: 'home',
  P: 'f1',
  Q: 'f2',
  R: 'f3',
  S: 'f4',
  Z: 'shift+tab',
};

/** The keypad in application mode (`ESC O j`). */
export const KEYPAD_KEYS: Readonly<Record<string, string>> = {
  M: 'enter',
  X: '=',
  j: '*',
  k: '+',
  l: ',',
  m: '-',
  n: '.',
  o: '/',
  p: '0',
  q: '1',
  r: '2',
  s: '3',
  t: '4',
  u: '5',
  v: '6',
  w: '7',
  x: '8',
  y: '9',
};

/** Numbers of `ESC [ n ~` (VT220 and xterm). */
export const NUMBERED_KEYS: Readonly<Record<string, string>> = {
  1: 'home',
  2: 'insert',
  3: 'delete',
  4: 'end',
  5: 'pgup',
  6: 'pgdn',
  7: 'home',
  8: 'end',
  11: 'f1',
  12: 'f2',
  13: 'f3',
  14: 'f4',
  15: 'f5',
  17: 'f6',
  18: 'f7',
  19: 'f8',
  20: 'f9',
  21: 'f10',
  23: 'f11',
  24: 'f12',
};

const CODE_KEYS: Readonly<Record<number, string>> = {
  8: 'backspace',
  9: 'tab',
  13: 'enter',
  27: 'esc',
  32: 'space',
  127: 'backspace',
};

/** Name and text of the key with this code point, as kitty and xterm tell of keys that have no byte of their own. */
export function codedKey(code: number, modifiers: number): { readonly key: string; readonly text: string } {
  const named = CODE_KEYS[code];
  if (named !== undefined) {
    return { key: withModifiers(named, modifiers), text: named === 'space' && modifiers === 0 ? ' ' : '' };
  }
  // Private use holds kitty's numbers of keys such as Caps Lock; surrogates are no characters.
  const isText = code > 32 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xf8ff);
  if (!isText) return { key: '', text: '' };
  const letter = String.fromCodePoint(code);
  const shifted = (modifiers & SHIFT) !== 0 ? letter.toUpperCase() : letter;
  const others = modifiers & ~SHIFT;
  if (others === 0) return { key: shifted, text: shifted };
  return { key: withModifiers((others & CONTROL) !== 0 ? letter.toLowerCase() : shifted, others), text: '' };
}

const SHIFT = 1;
const ALT = 2;
const CONTROL = 4;

/** `modifiers` are bits: shift, alt, control (xterm's parameter less one). */
export function withModifiers(key: string, modifiers: number): string {
  const control = (modifiers & CONTROL) !== 0 ? 'ctrl+' : '';
  const alt = (modifiers & ALT) !== 0 ? 'alt+' : '';
  const shift = (modifiers & SHIFT) !== 0 && !key.startsWith('shift+') ? 'shift+' : '';
  return control + alt + shift + key;
}

/** The key behind one control character (0 to 31, and 127). */
export function controlKey(code: number): string {
  if (code === 0) return 'ctrl+space';
  const named = CODE_KEYS[code];
  if (named !== undefined) return named;
  if (code <= 26) return `ctrl+${String.fromCharCode(code + 96)}`;
  return `ctrl+${String.fromCharCode(code + 64)}`;
}

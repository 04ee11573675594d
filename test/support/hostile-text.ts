import fc from 'fast-check';

/** A piece of what a program may print; what terminals act on comes up often, and whole. */
export const SEQUENCE = fc.oneof(
  fc.constantFrom(
    '\u001b[2J',
    '\u001b[1;1H',
    '\u001b[99A',
    '\u001b[99C',
    '\u001bc',
    '\u001b[?1049l',
    '\u001b[?25h',
  ),
  fc.constantFrom(
    '\u001b]0;title\u0007',
    '\u001b]52;c;aGk=\u0007',
    '\u001b]8;;http://x\u001b\\',
    '\u001bP$q"p\u001b\\',
  ),
  fc.constantFrom(
    '\u001b[c',
    '\u001b[6n',
    '\u001b[?2004l',
    '\u001b[4h',
    '\u001b(0',
    '\u001b[1;2r',
    '\u000e',
    '\u0007',
  ),
  fc.constantFrom(
    '\u009b2J',
    '\u009d0;t\u009c',
    '\u0090q\u009c',
    '\u001b[',
    '\u001b]',
    '\u001b',
    '\u001b[31m',
    '\u001b[8m',
  ),
  fc.constantFrom(
    '👩‍👩‍👧‍👦',
    '🇩🇪',
    '世界',
    '\u202e',
    'e\u0301\u0301',
    '❤\ufe0f',
    '\u200d',
    '\u00ad',
    'ก็็็็',
    '\ufffd',
  ),
  fc.constantFrom('\r', '\n', '\t', '\b', '\r\n', '\v', '\f', '\u0000', '\u007f', '\u2028'),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.stringMatching(/^[a-z ]{0,20}$/),
);
/** What a program may print at once, as text or as any bytes. */
export const PRINTED = fc.oneof(
  { weight: 4, arbitrary: fc.array(SEQUENCE, { maxLength: 12 }).map((parts) => parts.join('')) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }) },
);

/**
 * What is switched on for as long as the terminal is ours: the alternate screen, no cursor, no wrapping at the edge,
 * mouse reports of presses, drags and the wheel in the form with no bound (1002, 1006), and pastes in brackets (2004).
 */
export const TAKE =
  '\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[?1002h\u001b[?1006h\u001b[?2004h\u001b(B\u000f\u001b[0m\u001b[2J';

/**
 * The way back, right also in the middle of a frame. The screen is left empty: tmux keeps some rows of it when it was
 * made larger meanwhile.
 */
export const GIVE_BACK =
  '\u001b[?2026l\u001b[0m\u001b[?2004l\u001b[?1006l\u001b[?1002l\u001b[?7h\u001b[?25h\u001b[2J\u001b[?1049l';

/** Which colour the background has, and then what the terminal is, which each one answers: no answer to wait for in vain. */
export const ASK_BACKGROUND = '\u001b]11;?\u001b\\\u001b[c';

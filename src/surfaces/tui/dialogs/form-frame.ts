import type { ErrorFacts } from '../../../core/error-facts.ts';
import { DIALOG_KEYS } from '../dialog-keys.ts';
import { keyText } from '../keys.ts';
import { fit } from '../text/fit.ts';
import type { Theme } from '../theme.ts';
import { BOX_COLUMNS, BOX_ROWS, box } from '../widgets/box.ts';
import { showForm } from '../widgets/form-view.ts';
import { wrapText } from '../widgets/rows.ts';
import type { Frame, Size } from './dialog.ts';
import type { AskingState, FillingState, FormKeyId, FormState, IntroText } from './form-dialog.ts';

/** How a form looks: what it is about, its fields, what is wrong, and its keys. */
export function renderFormState(state: FormState, size: Size, theme: Theme): Frame {
  return state.kind === 'asking' ? renderAsking(state, size, theme) : renderFilling(state, size, theme);
}

function renderAsking({ question, error, nothing }: AskingState, size: Size, theme: Theme): Frame {
  const width = size.width - BOX_COLUMNS;
  const rows =
    error !== undefined
      ? problemRows(error, width, theme)
      : textRows([{ text: nothing ?? 'One moment…' }], width, theme);
  const shown = rows.slice(0, Math.max(0, size.height - BOX_ROWS));
  return {
    rows: box({ title: question.title, rows: shown, footer: 'esc close' }, size.width, theme).slice(
      0,
      size.height,
    ),
  };
}

function renderFilling(state: FillingState, size: Size, theme: Theme): Frame {
  const width = Math.max(0, size.width - BOX_COLUMNS);
  const room = Math.max(0, size.height - BOX_ROWS);
  const problem = state.problem === undefined ? [] : problemRows(state.problem, width, theme);
  const notice =
    state.notice === undefined ? [] : textRows([{ text: state.notice, look: 'title' }], width, theme);
  const below = problem.slice(0, Math.max(0, room - 1));
  const intro = [...notice, ...textRows(state.spec.intro, width, theme)];
  const gap = intro.length > 0 && state.spec.fields.length > 0 ? 1 : 0;
  const all = Math.max(0, room - below.length - gap);
  // What is asked may take the half; the fields get what they need of the rest.
  const whole = showForm(state.form, { width, height: all, theme });
  const forIntro = Math.min(intro.length, Math.max(all - whole.rows.length, Math.ceil(all / 2)));
  const fields =
    forIntro + whole.rows.length <= all
      ? whole
      : showForm(state.form, { width, height: Math.max(0, all - forIntro), theme });
  const top = Math.max(0, Math.min(state.scrolled, intro.length - forIntro));
  const above = [
    ...intro.slice(top, top + forIntro),
    ...(gap === 1 && fields.rows.length > 0 ? [' '.repeat(width)] : []),
  ];
  const rows = [...above, ...fields.rows, ...below].slice(0, room);
  const isCut = intro.length > forIntro;
  const boxed = box(
    { title: state.spec.title, rows, footer: footerOf(state, isCut) },
    size.width,
    theme,
  ).slice(0, size.height);
  const { cursor } = fields;
  if (cursor === undefined || state.isSent) return { rows: boxed };
  const place = { x: cursor.x + 2, y: above.length + cursor.y + 1 };
  return place.y < boxed.length && place.x < size.width ? { rows: boxed, cursor: place } : { rows: boxed };
}

function footerOf({ spec, isSent, isLeaving, form }: FillingState, isCut: boolean): string {
  if (isSent) return 'one moment…';
  if (isLeaving) return 'what is written would be lost: esc again to close';
  const isConfirm = spec.fields.length === 0;
  const hasLines = spec.fields.some((field) => field.kind === 'text' && field.lines === true);
  const parts = [
    isConfirm ? `y ${spec.action}` : `enter ${spec.action}`,
    ...(form.fields.length > 1 ? ['tab next'] : []),
    ...(hasLines ? ['ctrl-j line', 'ctrl-o editor'] : []),
    ...Object.entries(spec.keys ?? {}).map(
      ([id, { help }]) => `${keyText(DIALOG_KEYS.form[id as FormKeyId].keys[0]).toLowerCase()} ${help}`,
    ),
    ...(isCut ? ['pgdn more'] : []),
    isConfirm ? 'n leave it' : 'esc close',
  ];
  return parts.join(' · ');
}

function textRows(texts: readonly IntroText[], width: number, theme: Theme): string[] {
  return texts.flatMap(({ text, look }) =>
    wrapText(text, width).map((row) => {
      const fitted = fit(row, width);
      return look === undefined ? fitted : theme.paint(look, fitted);
    }),
  );
}

/** What went wrong in the look of it, and below what to do. */
export function problemRows(
  { message, advice }: Pick<ErrorFacts, 'message'> & { readonly advice?: string | undefined },
  width: number,
  theme: Theme,
): string[] {
  return [
    ...textRows([{ text: message, look: 'failed' }], width, theme),
    ...(advice === undefined ? [] : textRows([{ text: advice, look: 'dim' }], width, theme)),
  ];
}

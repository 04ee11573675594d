import type { Message } from '../app.ts';
import { dialogKey } from '../dialog-keys.ts';
import { editText, type TextInput, textInput } from './text-input.ts';

/** One thing that a form asks for. */
export type Field =
  | {
      readonly kind: 'text';
      readonly name: string;
      readonly label: string;
      /** More than one line. */
      readonly lines?: boolean;
      /** Shown while it is empty. */
      readonly hint?: string;
      readonly value?: string;
    }
  | {
      readonly kind: 'choice';
      readonly name: string;
      readonly label: string;
      readonly options: readonly Option[];
      readonly value?: string;
    };

export interface Option {
  readonly value: string;
  readonly label: string;
}

export interface Form {
  readonly fields: readonly Field[];
  readonly texts: Readonly<Record<string, TextInput>>;
  /** Index of the chosen option by the field's name. */
  readonly chosen: Readonly<Record<string, number>>;
  /** Index of the field that gets the keys. */
  readonly focus: number;
}

/** What is filled in, by the fields' names; of a choice the value of its option. */
export type Values = Readonly<Record<string, string>>;

export function form(fields: readonly Field[]): Form {
  const texts = fields.flatMap((field) =>
    field.kind === 'text'
      ? [[field.name, textInput(field.value, { lines: field.lines === true })] as const]
      : [],
  );
  const chosen = fields.flatMap((field) =>
    field.kind === 'choice'
      ? [
          [
            field.name,
            Math.max(
              0,
              field.options.findIndex(({ value }) => value === field.value),
            ),
          ] as const,
        ]
      : [],
  );
  return { fields, texts: Object.fromEntries(texts), chosen: Object.fromEntries(chosen), focus: 0 };
}

export function valuesOf({ fields, texts, chosen }: Form): Values {
  return Object.fromEntries(
    fields.map((field) => [
      field.name,
      field.kind === 'text'
        ? (texts[field.name]?.text ?? '')
        : (field.options[chosen[field.name] ?? 0]?.value ?? ''),
    ]),
  );
}

/** Was anything written that was not there at the beginning? */
export function isWritten({ fields, texts }: Form): boolean {
  return fields.some(
    (field) =>
      field.kind === 'text' &&
      (texts[field.name]?.text ?? '') !== textInput(field.value, { lines: field.lines === true }).text,
  );
}

export function focused({ fields, focus }: Form): Field | undefined {
  return fields[focus];
}

/** With another text in a field. */
export function withText(state: Form, name: string, text: string): Form {
  const lines = state.texts[name]?.lines === true;
  return { ...state, texts: { ...state.texts, [name]: textInput(text, { lines }) } };
}

/** What the message makes of the form; undefined: it means nothing to it. */
export function updateForm(state: Form, message: Message): Form | undefined {
  const moved = moveFocus(state, message);
  if (moved !== undefined) return moved;
  const field = focused(state);
  if (field === undefined) return undefined;
  if (field.kind === 'text') {
    const text = state.texts[field.name] ?? textInput();
    const edited = editText(text, message);
    if (edited !== undefined) return { ...state, texts: { ...state.texts, [field.name]: edited } };
    // At one line there is nowhere to go by these but to the next field.
    const to = message.kind === 'key' && !text.lines ? dialogKey('writing', message.key) : undefined;
    if (to === 'lineDown') return shift(state, 1);
    return to === 'lineUp' ? shift(state, -1) : undefined;
  }
  const at = choose(state.chosen[field.name] ?? 0, message, field.options.length);
  return at === undefined ? undefined : { ...state, chosen: { ...state.chosen, [field.name]: at } };
}

function moveFocus(state: Form, message: Message): Form | undefined {
  if (message.kind !== 'key' || state.fields.length === 0) return undefined;
  const to = dialogKey('form', message.key);
  if (to === 'next') return shift(state, 1);
  return to === 'previous' ? shift(state, -1) : undefined;
}

function shift(state: Form, by: 1 | -1): Form {
  const count = state.fields.length;
  return { ...state, focus: (state.focus + by + count) % count };
}

function choose(at: number, message: Message, count: number): number | undefined {
  if (message.kind !== 'key') return undefined;
  switch (dialogKey('choice', message.key)) {
    case 'next':
      return Math.min(count - 1, at + 1);
    case 'previous':
      return Math.max(0, at - 1);
    case 'number':
      return Number(message.key) <= count ? Number(message.key) - 1 : undefined;
    default:
      return undefined;
  }
}

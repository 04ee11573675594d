import type { ErrorFacts } from '../../../core/error-facts.ts';
import type { Effect, Message, Told } from '../app.ts';
import { type DialogKeyId, dialogKey } from '../dialog-keys.ts';
import {
  type Field,
  type Form,
  focused,
  form,
  isWritten,
  updateForm,
  type Values,
  valuesOf,
  withText,
} from '../widgets/form.ts';
import { type Dialog, type DialogStep, type Opened, open } from './dialog.ts';
import { renderFormState } from './form-frame.ts';

/** What a form is about: everything but what the person does with it. */
export interface FormSpec {
  /** Begins the names of its effects; no two dialogs have the same. */
  readonly name: string;
  readonly title: string;
  /** What is to be known before; wrapped, and scrolled where it is long. */
  readonly intro: readonly IntroText[];
  readonly fields: readonly Field[];
  /** What enter does, as a verb: `answer`. */
  readonly action: string;
  /** What is to be done, or what is missing. `focus`: name of the field that has it. */
  submit(values: Values, focus: string): Submission;
  /** What is shown once it is done; another form comes in its place. */
  done(value: unknown, values: Values): FormEnd;
  /** Keys besides those of every form. */
  readonly keys?: Readonly<Partial<Record<FormKeyId, FormKey>>>;
}

export interface IntroText {
  readonly text: string;
  readonly look?: 'title' | 'dim' | 'failed' | 'added' | 'removed' | 'waiting';
}

export type Submission =
  | { readonly kind: 'call'; readonly operation: CallEffect['operation']; readonly input: unknown }
  | { readonly kind: 'missing'; readonly field: string; readonly text: string };

export type FormEnd =
  | { readonly kind: 'close'; readonly notice: string }
  | { readonly kind: 'next'; readonly opened: FormOpening; readonly notice: string }
  /** It was answered, and yet not done. */
  | { readonly kind: 'refused'; readonly problem: FormProblem };

/** Keys of the table that only some forms have. */
export type FormKeyId = Extract<DialogKeyId<'form'>, 'nextQuestion' | 'withdraw' | 'otherVerdict'>;

/** A key that leaves the form for another one, and what it is for. */
export interface FormKey {
  readonly help: string;
  readonly open: (values: Values) => FormOpening;
}

/** A form that is there at once, or one that has to ask first. */
export type FormOpening = FormSpec | Question;

/** What has to be known before there is a form. */
export interface Question {
  readonly name: string;
  readonly title: string;
  readonly operation: CallEffect['operation'];
  readonly input: unknown;
  /** A text in place of a form: there is nothing to do, and why. */
  readonly opens: (value: unknown) => FormOpening | string;
}

type CallEffect = Extract<Effect, { kind: 'call' }>;

export type FormState = AskingState | FillingState;

export interface AskingState {
  readonly kind: 'asking';
  readonly question: Question;
  readonly error: ErrorFacts | undefined;
  /** Why there is nothing to do. */
  readonly nothing: string | undefined;
  /** What was written before there was a field for it. */
  readonly ahead: readonly Message[];
}

export interface FillingState {
  readonly kind: 'filling';
  readonly spec: FormSpec;
  readonly form: Form;
  /** It was sent, and no answer came yet. */
  readonly isSent: boolean;
  readonly problem: FormProblem | undefined;
  /** What came of the one before. */
  readonly notice: string | undefined;
  /** Esc was pressed once although something is written. */
  readonly isLeaving: boolean;
  /** Rows of the intro above the first one shown. */
  readonly scrolled: number;
}

/** What is wrong, with what to do; `field`: below which it is shown. */
export interface FormProblem {
  readonly message: string;
  readonly advice?: string;
  readonly field?: string;
}

/** Opens a form. */
export function openForm(opening: FormOpening): Opened {
  const { state, effects } = begin(opening);
  return open(formDialog, state, effects);
}

const formDialog: Dialog<FormState> = {
  update: (state, message) =>
    state.kind === 'asking' ? updateAsking(state, message) : updateFilling(state, message),
  render: renderFormState,
  isWriting: (state) => state.kind === 'filling' && focused(state.form)?.kind === 'text',
};

function begin(opening: FormOpening, notice?: string): { state: FormState; effects: readonly Effect[] } {
  if (!('opens' in opening)) return { state: filling(opening, notice), effects: [] };
  const { name, operation, input } = opening;
  return {
    state: { kind: 'asking', question: opening, error: undefined, nothing: undefined, ahead: [] },
    effects: [{ kind: 'call', name: `${name}.ask`, operation, input }],
  };
}

function filling(spec: FormSpec, notice: string | undefined): FillingState {
  return {
    kind: 'filling',
    spec,
    form: form(spec.fields),
    isSent: false,
    problem: undefined,
    notice,
    isLeaving: false,
    scrolled: 0,
  };
}

const CLOSED: DialogStep<never> = { close: true, effects: [] };

function updateAsking(state: AskingState, message: Message): DialogStep<FormState> {
  const isOver = state.error !== undefined || state.nothing !== undefined;
  if (message.kind === 'key') {
    const { key } = message;
    if (dialogKey('form', key) === 'close') return CLOSED;
    if (isOver && (dialogKey('confirm', key) === 'no' || dialogKey('form', key) === 'send')) return CLOSED;
  }
  const isText = message.kind === 'paste' || (message.kind === 'key' && message.text !== '');
  if (isText && !isOver) return { state: { ...state, ahead: [...state.ahead, message].slice(-MOST_AHEAD) } };
  if (message.kind !== 'told' || message.effect !== `${state.question.name}.ask`) return { state };
  if (!message.result.ok) return { state: { ...state, error: message.result.error } };
  const next = state.question.opens(message.result.value);
  if (typeof next === 'string') return { state: { ...state, nothing: next } };
  const begun = begin(next);
  return { ...begun, state: written(begun.state, state.ahead) };
}

const MOST_AHEAD = 1_000;

/** Text that came early goes into the field that waits for text; it never answers what nobody has seen. */
function written(state: FormState, ahead: readonly Message[]): FormState {
  if (state.kind === 'asking') return { ...state, ahead };
  if (focused(state.form)?.kind !== 'text') return state;
  return { ...state, form: ahead.reduce((form, message) => updateForm(form, message) ?? form, state.form) };
}

function updateFilling(state: FillingState, message: Message): DialogStep<FormState> {
  if (message.kind === 'told') return told(state, message.effect, message.result);
  if (message.kind === 'key') return press(state, message);
  return edit(state, message);
}

function told(state: FillingState, effect: string, result: Told): DialogStep<FormState> {
  const { spec } = state;
  if (effect === `${spec.name}.edit`) return edited(state, result);
  if (effect !== `${spec.name}.do` || !state.isSent) return { state };
  if (!result.ok) return { state: { ...state, isSent: false, problem: problemOf(result.error) } };
  const end = spec.done(result.value, valuesOf(state.form));
  if (end.kind === 'refused') return { state: { ...state, isSent: false, problem: end.problem } };
  return end.kind === 'close'
    ? { close: true, effects: [], notice: end.notice }
    : begin(end.opened, end.notice);
}

function edited(state: FillingState, result: Told): DialogStep<FormState> {
  if (!result.ok) return { state: { ...state, problem: problemOf(result.error) } };
  const field = focused(state.form);
  const text = String(result.value).replace(/\n+$/, '');
  return { state: { ...state, form: withText(state.form, field?.name ?? '', text), problem: undefined } };
}

function press(state: FillingState, message: Extract<Message, { kind: 'key' }>): DialogStep<FormState> {
  const { spec } = state;
  const key = dialogKey('form', message.key);
  const answer = spec.fields.length === 0 ? dialogKey('confirm', message.key) : undefined;
  if (key === 'close' || answer === 'no') {
    return !isWritten(state.form) || state.isLeaving || state.isSent
      ? CLOSED
      : { state: { ...state, isLeaving: true } };
  }
  if (state.isSent) return { state };
  if (key === 'send' || answer === 'yes') return submit(state);
  const scrolled = scrollOf(state, message.key);
  if (scrolled !== undefined)
    return { state: { ...state, scrolled: Math.max(0, state.scrolled + scrolled) } };
  const isChoice = focused(state.form)?.kind === 'choice';
  if (key === 'editor' || (isChoice && dialogKey('choice', message.key) === 'editor'))
    return openEditor(state);
  const other = key === undefined ? undefined : spec.keys?.[key as FormKeyId];
  if (other !== undefined) {
    const { state: next, effects } = begin(other.open(valuesOf(state.form)));
    return { state: next, effects };
  }
  return edit(state, message);
}

function edit(state: FillingState, message: Message): DialogStep<FormState> {
  if (state.isSent) return { state };
  const next = updateForm(state.form, message);
  if (next === undefined) return { state };
  return { state: { ...state, form: next, problem: undefined, isLeaving: false } };
}

function submit(state: FillingState): DialogStep<FormState> {
  const submission = state.spec.submit(valuesOf(state.form), focused(state.form)?.name ?? '');
  if (submission.kind === 'missing') {
    const { field, text } = submission;
    const focus = state.form.fields.findIndex(({ name }) => name === field);
    return {
      state: {
        ...state,
        problem: { message: text, field },
        form: { ...state.form, focus: Math.max(0, focus) },
      },
    };
  }
  const { operation, input } = submission;
  return {
    state: { ...state, isSent: true, problem: undefined, isLeaving: false },
    effects: [{ kind: 'call', name: `${state.spec.name}.do`, operation, input }],
  };
}

/** The editor has the text that has the focus, else the first one of several lines. */
function openEditor(state: FillingState): DialogStep<FormState> {
  const { fields } = state.form;
  const current = focused(state.form);
  const field =
    current?.kind === 'text' ? current : fields.find((each) => each.kind === 'text' && each.lines === true);
  if (field === undefined) return { state };
  const text = state.form.texts[field.name]?.text ?? '';
  return {
    state: { ...state, form: { ...state.form, focus: fields.indexOf(field) } },
    effects: [{ kind: 'edit', name: `${state.spec.name}.edit`, text, suffix: '.md' }],
  };
}

/** Rows of the intro; where no text is written, also by the keys that texts have for something else. */
function scrollOf({ spec }: FillingState, key: string): number | undefined {
  const isWriting = spec.fields.some(({ kind }) => kind === 'text');
  const scroll = dialogKey('form', key) ?? (isWriting ? undefined : dialogKey('confirm', key));
  if (scroll === 'scrollDown') return SCROLL_ROWS;
  return scroll === 'scrollUp' ? -SCROLL_ROWS : undefined;
}

const SCROLL_ROWS = 10;

function problemOf({ message, advice }: ErrorFacts): FormProblem {
  return { message, ...(advice === undefined ? {} : { advice }) };
}

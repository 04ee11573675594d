import type { AgentSpec } from '../../core/agents/ports.ts';
import type { Opened } from './messages.ts';

/** A request that makes a session work in a certain way. */
export interface Setting {
  readonly what: 'mode' | 'model';
  readonly value: string;
  readonly method: string;
  readonly params: Readonly<Record<string, string>>;
}

/** Modes in which an agent only reads, the strictest first, and those in which it asks before it changes anything. */
const READING = ['read-only', 'plan', 'ask'];
const ASKING = ['default', 'approve', 'manual', 'ask'];

/**
 * The mode that the role's tools ask for, among those offered; `undefined` where the agent's own will do. A role that
 * changes nothing works in a mode that only reads, one that may not do all of it in a mode that asks.
 */
export function modeFor(
  agent: Pick<AgentSpec, 'tools' | 'permissions'>,
  session: Opened,
): Setting | undefined {
  const [edits, runs] = [agent.tools.includes('edit'), agent.tools.includes('shell')];
  const free = edits && runs && (agent.permissions ?? 'allow') === 'allow';
  if (free) return undefined;
  return pick('mode', session, edits || runs ? ASKING : [...READING, ...ASKING]);
}

/** The request that selects `model`; `undefined` where it is selected or the agent has no such request. */
export function modelFor(model: string, session: Opened): Setting | undefined {
  const option = optionOf('model', session);
  if (option !== undefined)
    return option.currentValue === model ? undefined : configure('model', option.id, model);
  const { models } = session;
  if (models === undefined || models.currentModelId === model) return undefined;
  return { what: 'model', value: model, method: 'session/set_model', params: { modelId: model } };
}

function pick(what: 'mode', session: Opened, wanted: readonly string[]): Setting | undefined {
  const option = optionOf(what, session);
  const offered =
    session.modes?.availableModes?.map(({ id }) => id) ??
    option?.options?.flatMap(({ value }) => value ?? []) ??
    [];
  const value = wanted.find((each) => offered.includes(each));
  if (value === undefined || value === (session.modes?.currentModeId ?? option?.currentValue))
    return undefined;
  if (session.modes === undefined && option !== undefined) return configure(what, option.id, value);
  return { what, value, method: 'session/set_mode', params: { modeId: value } };
}

function optionOf(what: 'mode' | 'model', { configOptions }: Opened) {
  return configOptions?.find(({ category, id }) => (category ?? id) === what);
}

function configure(what: 'mode' | 'model', configId: string, value: string): Setting {
  return { what, value, method: 'session/set_config_option', params: { configId, value } };
}

import type { LocatedNode } from '../source/located.ts';
import { nearest } from '../source/nearest.ts';
import { ProblemList, quoted } from '../source/problem.ts';
import { isBranchName } from './branch-name.ts';
import { BUILT_IN, PLAIN_PROMPT } from './built-in.ts';
import { formatKeyPath, type KeyPath } from './key-path.ts';
import { locate } from './locate.ts';
import { type ConfigOrigins, mergeConfig } from './merge.ts';
import type { ConfigProblem, ConfigProblemCode } from './problem.ts';
import { PROVIDER_TYPES } from './provider-types.ts';
import type { Config, ConfigFile, ConfigScope } from './schema.ts';

/** One config file that has the right shape. */
export interface ConfigLayer {
  readonly scope: Exclude<ConfigScope, 'built-in'>;
  /** Its name as it is shown. */
  readonly file: string;
  readonly text: string;
  readonly tree: LocatedNode;
  readonly value: ConfigFile;
}

export type ResolvedConfig =
  | { kind: 'valid'; config: Config; origins: ConfigOrigins }
  | { kind: 'invalid'; problems: readonly ConfigProblem[] };

/** Lays the files over the built-in config (the first lowest) and checks what only the whole can tell. */
export function resolveConfig(layers: readonly ConfigLayer[]): ResolvedConfig {
  const base = { scope: 'built-in' as const, value: BUILT_IN as unknown as ConfigFile };
  const { value, origins } = mergeConfig([base, ...layers]);
  const config = fill(value);
  const problems = findProblems(config, value).map((found) => at(found, layers));
  return problems.length > 0 ? { kind: 'invalid', problems } : { kind: 'valid', config, origins };
}

/** Every built-in default is in the merged value, so that only what a file adds needs filling in. */
function fill(value: ConfigFile): Config {
  const { $schema: _, providers, agents, workflows, ...rest } = value;
  return {
    ...(rest as Omit<Config, 'providers' | 'agents' | 'workflows'>),
    providers: named(providers, (provider) => ({
      ...(provider as Defined<typeof provider>),
      // `providerProblems` refuses a provider without a type.
      type: provider.type ?? 'command',
      command: provider.command ?? provider.type ?? '',
      args: provider.args ?? [],
      env: provider.env ?? {},
    })),
    agents: named(agents, (agent) => ({
      ...(agent as Defined<typeof agent>),
      systemPrompt: agent.systemPrompt ?? PLAIN_PROMPT,
      tools: agent.tools ?? ['read', 'edit', 'shell'],
      verdict: agent.verdict ?? false,
    })),
    workflows: named(workflows, (workflow) => ({
      steps: workflow.steps.map((step) => ({
        ...(step as Defined<typeof step>),
        maxRounds: step.maxRounds ?? 3,
        verify: step.verify ?? false,
      })),
    })),
  };
}

/** A key that a JSON file leaves out is absent, never undefined, which zod's types do not say. */
type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Without a prototype, so that a roadmap which asks for the agent "constructor" finds nothing. */
function named<I, O>(
  entries: Readonly<Record<string, I>> | undefined,
  make: (value: I) => O,
): Record<string, O> {
  const made: Record<string, O> = Object.create(null);
  for (const [name, value] of Object.entries(entries ?? {})) made[name] = make(value);
  return made;
}

interface Found {
  readonly path: KeyPath;
  readonly code: ConfigProblemCode;
  readonly message: string;
  readonly advice: string;
}

function findProblems(config: Config, value: ConfigFile): readonly Found[] {
  return [
    ...providerProblems(value),
    ...fallbackProblems(config),
    ...agentProblems(config),
    ...workflowProblems(config),
    ...defaultProblems(config),
    ...branchProblems(config),
    ...otherProblems(config),
  ];
}

function unknownName(
  path: KeyPath,
  kind: string,
  name: string,
  known: Readonly<Record<string, unknown>>,
): readonly Found[] {
  if (Object.hasOwn(known, name)) return [];
  const meant = nearest(name, Object.keys(known));
  const advice =
    meant === undefined ? `There are: ${Object.keys(known).join(', ')}.` : `Did you mean "${meant}"?`;
  const message = `${formatKeyPath(path)} names the ${kind} ${quoted(name)}, which does not exist.`;
  return [{ path, code: 'unknown-name', message, advice }];
}

function providerProblems(value: ConfigFile): readonly Found[] {
  return Object.entries(value.providers ?? {}).flatMap(([name, { type, command }]): Found[] => {
    const path = ['providers', name];
    if (type === undefined) {
      const message = `${formatKeyPath(path)} has no type.`;
      return [
        { path, code: 'bad-value', message, advice: `Add "type": one of ${PROVIDER_TYPES.join(', ')}.` },
      ];
    }
    if ((type !== 'command' && type !== 'acp') || command !== undefined) return [];
    const message = `${formatKeyPath(path)} is of type ${type} and has no command.`;
    return [{ path, code: 'bad-value', message, advice: 'Add "command": the program to start.' }];
  });
}

/** Two providers may stand in for each other: only the fallbacks of an agent's own provider are ever asked. */
function fallbackProblems({ providers }: Config): readonly Found[] {
  return Object.entries(providers).flatMap(([name, { fallback = [] }]) =>
    fallback.flatMap((other, index): readonly Found[] => {
      const path = ['providers', name, 'fallback', index];
      const where = formatKeyPath(path);
      const advice = 'Remove it.';
      if (other === name) {
        const message = `${where} is the provider itself.`;
        return [{ path, code: 'contradiction', message, advice }];
      }
      if (fallback.indexOf(other) < index) {
        const message = `${where} names ${quoted(other)} a second time.`;
        return [{ path, code: 'contradiction', message, advice }];
      }
      return unknownName(path, 'provider', other, providers);
    }),
  );
}

function agentProblems({ agents, providers }: Config): readonly Found[] {
  return Object.entries(agents).flatMap(([name, { provider }]) =>
    provider === undefined ? [] : unknownName(['agents', name, 'provider'], 'provider', provider, providers),
  );
}

function workflowProblems({ agents, workflows }: Config): readonly Found[] {
  return Object.entries(workflows).flatMap(([name, { steps }]) =>
    steps.flatMap((step, i) => {
      const path = ['workflows', name, 'steps', i] as const;
      const unknown = unknownName([...path, 'agent'], 'agent', step.agent, agents);
      const earlier = steps.slice(0, i).map((before) => before.agent);
      if (step.onReject === undefined || earlier.includes(step.onReject)) return unknown;
      const where = formatKeyPath([...path, 'onReject']);
      const back: Found = {
        path: [...path, 'onReject'],
        code: 'unknown-name',
        message: `${where} is ${quoted(step.onReject)}, which is no agent of an earlier step.`,
        advice:
          earlier.length === 0
            ? 'The first step has nobody to send work back to: remove it.'
            : `Use one of: ${earlier.join(', ')}.`,
      };
      return [...unknown, back];
    }),
  );
}

function defaultProblems({ defaults, agents, workflows }: Config): readonly Found[] {
  const agent = unknownName(['defaults', 'agent'], 'agent', defaults.agent, agents);
  if (defaults.workflow === undefined) return agent;
  return [...agent, ...unknownName(['defaults', 'workflow'], 'workflow', defaults.workflow, workflows)];
}

function branchProblems({ merge }: Config): readonly Found[] {
  const named = [
    ['integrationBranch', merge.integrationBranch],
    ['target', merge.target],
  ] as const;
  const bad = named.flatMap(([key, branch]): Found[] =>
    branch === undefined || isBranchName(branch)
      ? []
      : [
          {
            path: ['merge', key],
            code: 'bad-value',
            message: `merge.${key} cannot be ${quoted(branch)}: git has no such branch names.`,
            advice: 'Use a name such as main or cw/integration, without spaces and without refs/heads/.',
          },
        ],
  );
  if (merge.integrationBranch !== merge.target) return bad;
  return [
    ...bad,
    {
      path: ['merge', 'target'],
      code: 'contradiction',
      message: `merge.target and merge.integrationBranch are both ${quoted(merge.target)}.`,
      advice: 'Leave integrationBranch at cw/integration; "cw deliver" moves the target.',
    },
  ];
}

function otherProblems({ lease, retry, breaker, database }: Config): readonly Found[] {
  const found: Found[] = [];
  if (lease.heartbeatMs * 2 > lease.leaseMs) {
    found.push({
      path: ['lease', 'heartbeatMs'],
      code: 'contradiction',
      message: `lease.heartbeatMs (${lease.heartbeatMs}) is more than half of lease.leaseMs (${lease.leaseMs}).`,
      advice: 'Leave room for one late heartbeat: a third of the lease is usual.',
    });
  }
  if (retry.baseMs > retry.maxMs) {
    found.push({
      path: ['retry', 'baseMs'],
      code: 'contradiction',
      message: `retry.baseMs (${retry.baseMs}) is more than retry.maxMs (${retry.maxMs}).`,
      advice: 'Make maxMs the larger one.',
    });
  }
  if (breaker.pauseMs > breaker.maxPauseMs) {
    found.push({
      path: ['breaker', 'pauseMs'],
      code: 'contradiction',
      message: `breaker.pauseMs (${breaker.pauseMs}) is more than breaker.maxPauseMs (${breaker.maxPauseMs}).`,
      advice: 'Make maxPauseMs the larger one.',
    });
  }
  if (database !== undefined && !/^postgres(ql)?:\/\//.test(database)) {
    found.push({
      path: ['database'],
      code: 'bad-value',
      message: 'database is not a PostgreSQL address.',
      advice: 'Write postgres://user@host/name, or remove it to use SQLite in .codewalk/state.',
    });
  }
  return found;
}

/** The other of two keys that contradict each other, in case only that one is in a file. */
const PARTNERS: Readonly<Record<string, KeyPath>> = {
  lease: ['lease', 'leaseMs'],
  retry: ['retry', 'maxMs'],
  breaker: ['breaker', 'maxPauseMs'],
};

/** Puts a finding at the place where the highest file says something about it. */
function at({ path, code, message, advice }: Found, layers: readonly ConfigLayer[]): ConfigProblem {
  const candidates =
    path[0] === 'merge' && code === 'contradiction' ? [path, ['merge', 'integrationBranch']] : [path];
  const partner = PARTNERS[String(path[0])];
  for (const candidate of [...candidates, ...(partner === undefined ? [] : [partner])]) {
    for (const layer of layers.toReversed()) {
      const { node, found } = locate(layer.tree, candidate);
      if (!found) continue;
      const problems = new ProblemList<ConfigProblemCode>(layer.file, layer.text);
      problems.add(node.at, code, message, advice);
      return problems.sorted()[0] as ConfigProblem;
    }
  }
  return { file: 'built-in config', line: 1, col: 1, code, message, advice, excerpt: '' };
}

import type { AgentSpec, ProviderSpec } from '../agents/ports.ts';
import { UsageError } from '../errors.ts';
import { nearest } from '../source/nearest.ts';
import { PROVIDER_ORDER } from './built-in.ts';
import type { Config } from './schema.ts';

/** Names of the config's providers in the order in which an agent without one tries them. */
export function providerOrder(config: Config): readonly string[] {
  const names = Object.keys(config.providers);
  const first = PROVIDER_ORDER.filter((name) => names.includes(name));
  return [...first, ...names.filter((name) => !(first as string[]).includes(name)).sort()];
}

/** The role `name`, ready for a backend. Throws `UsageError` with code `UNKNOWN_AGENT`. */
export function agentSpec(config: Config, name: string): AgentSpec {
  const agent = Object.hasOwn(config.agents, name) ? config.agents[name] : undefined;
  if (agent === undefined) {
    const meant = nearest(name, Object.keys(config.agents));
    const known = Object.keys(config.agents).join(', ');
    throw new UsageError('UNKNOWN_AGENT', `There is no agent "${name}" in the config.`, {
      advice: meant === undefined ? `There are: ${known}.` : `Did you mean "${meant}"?`,
    });
  }
  const { provider: _, ...spec } = agent;
  return { role: name, ...spec };
}

/**
 * The provider that an agent works on: the one it names, else the first of `providerOrder` whose program is
 * there. `available` are the names of providers whose command was found on PATH. Throws `UsageError`:
 * `UNKNOWN_AGENT`, `PROVIDER_MISSING` (the one it names is not installed), `NO_PROVIDER` (none is), `CANNOT_ASK` (its
 * permissions are to be asked for, which that CLI cannot).
 */
export function selectProvider(
  config: Config,
  agentName: string,
  available: readonly string[],
): ProviderSpec {
  agentSpec(config, agentName);
  const wanted = config.agents[agentName]?.provider;
  const name = wanted ?? providerOrder(config).find((provider) => available.includes(provider));
  const provider = name === undefined ? undefined : config.providers[name];
  if (name === undefined || provider === undefined) {
    throw new UsageError('NO_PROVIDER', 'No agent CLI was found on PATH.', {
      advice: `Install one of ${PROVIDER_ORDER.join(', ')}, or add a provider to .codewalk/config.json.`,
    });
  }
  if (!available.includes(name)) {
    const message = `The agent "${agentName}" needs the provider "${name}", but ${provider.command} was not found on PATH.`;
    throw new UsageError('PROVIDER_MISSING', message, {
      advice: `Install it, set providers.${name}.command to its path, or give the agent another provider.`,
    });
  }
  if (!canServe(config.agents[agentName], provider)) {
    const message = `The agent "${agentName}" has "permissions": "ask", but ${name} cannot ask while it works.`;
    throw new UsageError('CANNOT_ASK', message, {
      advice:
        'Give it a provider of type acp, such as opencode, gemini, or goose by {"type": "acp", "command": "goose", "args": ["acp"]}.',
    });
  }
  return { name, ...provider };
}

/** An agent that is to ask a person never works where it would not be asked. */
function canServe(
  agent: Pick<AgentSpec, 'permissions'> | undefined,
  { type }: Pick<ProviderSpec, 'type'>,
): boolean {
  return agent?.permissions !== 'ask' || type === 'acp';
}

/**
 * The providers that take over from an agent's own while that takes no work, in order: those of them that are
 * installed, and can ask where the agent is to ask.
 */
export function fallbacksOf(
  config: Config,
  agent: Pick<AgentSpec, 'permissions'>,
  { provider, available }: { provider: ProviderSpec; available: readonly string[] },
): readonly ProviderSpec[] {
  return (provider.fallback ?? []).flatMap((name) => {
    const found = Object.hasOwn(config.providers, name) ? config.providers[name] : undefined;
    return found === undefined || !available.includes(name) || !canServe(agent, found)
      ? []
      : [{ name, ...found }];
  });
}

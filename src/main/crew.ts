import { AcpBackend } from '../adapters/acp/backend.ts';
import { ClaudeBackend } from '../adapters/claude/backend.ts';
import { CodexBackend } from '../adapters/codex/backend.ts';
import { CommandBackend } from '../adapters/command/backend.ts';
import { GooseBackend } from '../adapters/goose/backend.ts';
import { findOnPath } from '../adapters/process/find-on-path.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { systemIds } from '../adapters/system/ids.ts';
import type { AgentSpec, Backend, Launcher, ProviderSpec } from '../core/agents/ports.ts';
import type { Crew, CrewMember } from '../core/attempts/ports.ts';
import { agentSpec, fallbacksOf, selectProvider } from '../core/config/provider.ts';
import type { Config, ProviderType } from '../core/config/schema.ts';

/** The roles of a config, played by the agent CLIs that are installed on this machine. */
export class LocalCrew implements Crew {
  readonly #config: Config;
  readonly #available: readonly string[];
  readonly #backends: Readonly<Record<ProviderType, Backend>>;
  readonly #members = new Map<string, readonly CrewMember[]>();

  /** `cwd` is the project's root: relative commands are meant from there. */
  constructor(options: {
    config: Config;
    env: Readonly<Record<string, string>>;
    cwd: string;
    launcher: Launcher;
  }) {
    const { config, env, cwd, launcher } = options;
    this.#config = config;
    this.#available = Object.entries(config.providers)
      .filter(([, provider]) => findOnPath(provider.command, { ...env, ...provider.env }, cwd) !== undefined)
      .map(([name]) => name);
    const parts = { launcher, ids: systemIds, clock: systemClock };
    this.#backends = {
      claude: new ClaudeBackend(parts),
      codex: new CodexBackend(parts),
      goose: new GooseBackend(parts),
      acp: new AcpBackend(parts),
      command: new CommandBackend(parts),
    };
  }

  member(role: string): CrewMember {
    return this.candidates(role)[0] as CrewMember;
  }

  candidates(role: string): readonly CrewMember[] {
    const known = this.#members.get(role);
    if (known !== undefined) return known;
    const own = selectProvider(this.#config, role, this.#available);
    const agent = agentSpec(this.#config, role);
    // A model of its own means the provider of its own.
    const { model: _, ...elsewhere } = agent;
    const members = [
      this.#with(agent, own),
      ...fallbacksOf(this.#config, agent, { provider: own, available: this.#available }).map((provider) =>
        this.#with(elsewhere, provider),
      ),
    ];
    this.#members.set(role, members);
    return members;
  }

  #with(agent: AgentSpec, provider: ProviderSpec): CrewMember {
    return { agent, provider, backend: this.#backends[provider.type as ProviderType] };
  }
}

import type { Backend, ProviderSpec } from '../agents/ports.ts';
import type { Crew, CrewMember } from '../attempts/ports.ts';
import { agentSpec } from '../config/provider.ts';
import type { Config } from '../config/schema.ts';

const OUTSIDE = 'outside';

/**
 * The roles of the config, with a client from outside in the place of every role that makes something. Roles that judge
 * are played by agents as ever: who made the work does not review it.
 */
export class OutsideCrew implements Crew {
  readonly #config: Config;
  readonly #own: Crew;
  readonly #backend: Backend;
  readonly #provider: ProviderSpec;

  constructor(parts: { config: Config; own: Crew; backend: Backend; client: string }) {
    this.#config = parts.config;
    this.#own = parts.own;
    this.#backend = parts.backend;
    // A provider, and by that an account, of each client's own: what one does wrong is not held against the others.
    // Not of each of its sessions.
    const program = parts.client.replace(/^client:/, '').split('/', 1)[0] ?? '';
    const name = `${OUTSIDE}:${program}`;
    this.#provider = { name, type: OUTSIDE, command: parts.client, args: [], env: {} };
  }

  member(role: string): CrewMember {
    return this.candidates(role)[0] as CrewMember;
  }

  candidates(role: string): readonly CrewMember[] {
    const agent = agentSpec(this.#config, role);
    if (agent.verdict || !agent.tools.includes('edit')) return this.#own.candidates(role);
    return [{ agent, provider: this.#provider, backend: this.#backend }];
  }
}

import type { Provisioner } from '../attempts/ports.ts';
import type { CommandRunner, IntegrationRepo, Workspaces } from '../workspaces/ports.ts';
import type { Tenure } from './tenure.ts';

/** What of the ports others can see: worktrees, refs, processes. Reading needs no leave. */
const WORKSPACE_EFFECTS = [
  'raiseFence',
  'open',
  'snapshot',
  'bringIn',
  'checkout',
  'restore',
  'release',
  'save',
] as const satisfies readonly (keyof Workspaces)[];
const INTEGRATION_EFFECTS = ['ensureBranch', 'advance'] as const satisfies readonly (keyof IntegrationRepo)[];
const COMMAND_EFFECTS = ['run'] as const satisfies readonly (keyof CommandRunner)[];
const PROVISIONER_EFFECTS = ['prepare'] as const satisfies readonly (keyof Provisioner)[];

interface Ports {
  readonly workspaces: Workspaces;
  readonly integration: IntegrationRepo;
  readonly commands: CommandRunner;
  readonly provisioner: Provisioner;
}

/** The same ports, whose effects are refused with `TenureOverError` once the orchestrator's tenure is over. */
export function guarded(ports: Ports, tenure: Pick<Tenure, 'check'>): Ports {
  const check = () => tenure.check();
  return {
    workspaces: checked(ports.workspaces, WORKSPACE_EFFECTS, check),
    integration: checked(ports.integration, INTEGRATION_EFFECTS, check),
    commands: checked(ports.commands, COMMAND_EFFECTS, check),
    provisioner: checked(ports.provisioner, PROVISIONER_EFFECTS, check),
  };
}

function checked<Port extends object>(port: Port, effects: readonly (keyof Port)[], check: () => void): Port {
  const names = new Set<string | symbol | number>(effects);
  return new Proxy(port, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (!names.has(name)) return value.bind(target);
      return async (...args: readonly unknown[]) => {
        check();
        return await value.apply(target, args);
      };
    },
  });
}

import type { AgentDesk, AgentDoors } from '../src/core/door/ports.ts';

/** Doors through which simulated agents, which are functions, find the desk of their turn. */
export class SimDesks implements AgentDoors {
  readonly #desks = new Map<string, AgentDesk>();

  open: AgentDoors['open'] = async ({ task, attempt, step }, desk) => {
    const key = `${task}#${attempt}#${step}`;
    this.#desks.set(key, desk);
    return {
      env: {},
      mcp: [],
      readable: [],
      mounts: [],
      [Symbol.asyncDispose]: async () => {
        this.#desks.delete(key);
      },
    };
  };

  /** By the environment of an agent; absent: it has no door. */
  of(env: Readonly<Record<string, string>>): AgentDesk | undefined {
    return this.#desks.get(`${env['CW_TASK_ID']}#${env['CW_ATTEMPT']}#${env['CW_STEP']}`);
  }
}

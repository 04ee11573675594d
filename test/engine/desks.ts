import type { AgentDesk, AgentDoors } from '../../src/core/door/ports.ts';
import type { FakeTurn } from '../support/fake-backend.ts';

/** Doors through which scripted agents find the desk of their turn. */
export class Desks implements AgentDoors {
  readonly #desks = new Map<string, AgentDesk>();

  open: AgentDoors['open'] = async ({ task: of, role }, desk) => {
    this.#desks.set(`${of}/${role}`, desk);
    return { env: {}, mcp: [], readable: [], mounts: [], [Symbol.asyncDispose]: async () => {} };
  };

  of({ task: of, role }: Pick<FakeTurn, 'task' | 'role'>): AgentDesk {
    const desk = this.#desks.get(`${of}/${role}`);
    if (desk === undefined) throw new Error(`No desk for ${of}`);
    return desk;
  }
}

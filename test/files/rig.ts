import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Question } from '../../src/core/agents/outcome.ts';
import type { ProjectApi } from '../../src/core/api/ports.ts';
import type { ConfigFile } from '../../src/core/config/schema.ts';
import type { EventType, LoggedEvent } from '../../src/core/events/event.ts';
import type { TaskId } from '../../src/core/ids.ts';
import type { Store } from '../../src/core/tasks/ports.ts';
import { compose } from '../../src/main/compose.ts';
import { makeRepo } from '../support/repo.ts';

/** A plan of two tasks, with a comment that must stay. */
export const ROADMAP = `version: 1
plans:
  - id: shop
    title: The shop
    tasks:
      # The first one.
      - id: cart
        prompt: Make the cart.
      - id: till
        prompt: Make the till.
        depends_on: [cart]
`;

const QUICK: ConfigFile = { files: true, roadmap: { debounceMs: 0, stabilityMs: 20 } };

/** A project with its files, and a person who edits them. */
export interface FilesRig extends AsyncDisposable {
  readonly root: string;
  readonly store: Store;
  /** Absolute path of a page. */
  pathOf(path: string): string;
  read(path: string): string;
  has(path: string): boolean;
  /** As most editors do it. */
  save(path: string, text: string): void;
  delete(path: string): void;
  roadmap(): string;
  setRoadmap(text: string): void;
  /** Carries out what was saved, and writes what has changed. */
  inStep(): Promise<void>;
  /** As a process that runs all the time. Default for what it has to say: an error. */
  keep(onNotice?: (message: string) => void): Promise<AsyncDisposable>;
  /** The project, as another person or program changes it. */
  api(): Promise<ProjectApi>;
  events(...types: EventType[]): Promise<readonly LoggedEvent[]>;
  /** An agent that works on the task asks. */
  ask(task: string, questions: readonly Question[]): Promise<void>;
}

export async function makeFiles(options: { roadmap?: string; config?: ConfigFile } = {}): Promise<FilesRig> {
  const repo = await makeRepo();
  const home = mkdtempSync(join(tmpdir(), 'cw-home-'));
  // The config of whoever runs the tests is none of theirs.
  process.env['HOME'] = home;
  const { root } = repo;
  repo.write('roadmap.yaml', options.roadmap ?? ROADMAP);
  repo.write('.codewalk/config.json', JSON.stringify({ ...QUICK, ...options.config }));
  const services = compose({ directory: root, env: process.env, version: '0' });
  await services.refresh();
  const store = await services.store();
  const pathOf = (path: string): string => join(root, '.codewalk', path);
  return {
    root,
    store,
    pathOf,
    read: (path) => readFileSync(pathOf(path), 'utf8'),
    has: (path) => existsSync(pathOf(path)),
    save(path, text) {
      writeFileSync(`${pathOf(path)}.tmp`, text);
      renameSync(`${pathOf(path)}.tmp`, pathOf(path));
    },
    delete: (path) => rmSync(pathOf(path), { recursive: true }),
    roadmap: () => readFileSync(join(root, 'roadmap.yaml'), 'utf8'),
    setRoadmap: (text) => writeFileSync(join(root, 'roadmap.yaml'), text),
    async inStep() {
      await services.refresh();
      if (!(await services.files.once())) throw new Error('Another process keeps the files.');
    },
    keep: (onNotice = fail) => services.files.keep({ what: 'test', onNotice }),
    api: () => services.api(),
    events: (...types) => store.events(0, types.length === 0 ? {} : { types }),
    ask: (task, questions) => ask(store, task as TaskId, questions),
    async [Symbol.asyncDispose]() {
      await services[Symbol.asyncDispose]();
      rmSync(home, { recursive: true, force: true });
      await repo[Symbol.asyncDispose]();
    },
  };
}

function fail(message: string): never {
  throw new Error(message);
}

async function ask(store: Store, task: TaskId, questions: readonly Question[]): Promise<void> {
  const process = { pid: 1, startTime: 'x', bootId: 'x' };
  await store.register({ id: 'orc_files', host: 'h', process, version: '0', maxAgents: 1 });
  const { claims } = await store.claim({
    orchestrator: 'orc_files',
    freeSlots: 1,
    leaseMs: 60_000,
    decide: () => ({ claims: [task], wakeAt: undefined }),
  });
  const [claim] = claims;
  if (claim === undefined) throw new Error(`${task} cannot be claimed`);
  const { attempt } = claim;
  await store.append(claim, [{ type: 'task.asked', task, attempt, step: 1, questions }]);
}

import { constants } from 'node:fs';
import { access, readdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { isAlive } from '../../adapters/process/identity.ts';
import { needsPerson } from '../../core/resilience/breaker.ts';
import { isFinal } from '../../core/tasks/states.ts';
import type { Task } from '../../core/tasks/task.ts';
import type { Check } from '../../surfaces/cli/context.ts';
import { count } from '../../surfaces/cli/format.ts';
import { accountReturn, accountState } from '../../surfaces/cli/views/accounts.ts';
import { checkThat } from './check-that.ts';
import type { SetupParts } from './setup-service.ts';

/** The store, those who work with it, and what earlier work left behind. */
export async function* stateChecks(parts: SetupParts): AsyncGenerator<Check> {
  const project = await parts.project().catch(() => undefined);
  // Without a repository or config there is no state to look at, and that was said.
  if (project === undefined) return;
  if (!(await parts.hasState())) {
    yield await checkThat('store', () => firstStore(project.stateDirectory));
    return;
  }
  const store = await checkThat('store', async () => {
    const opened = await parts.store();
    const path = opened.location.replace(/^sqlite:/, '');
    // A read-only file opens and reads well, and fails at the first write.
    if (path !== opened.location) await access(path, constants.W_OK);
    const { total } = await opened.counts();
    return {
      status: 'ok',
      detail: `${opened.location}, ${count(total, 'task')}, ${await opened.head()} events`,
    };
  });
  yield store;
  if (store.status !== 'ok') return;
  yield await checkThat('accounts', () => accounts(parts));
  yield await checkThat('orchestrators', () => orchestrators(parts));
  yield await checkThat('worktrees', () => worktrees(parts, project.root));
}

/** The nearest directory above that exists decides whether the state can be made. */
async function firstStore(directory: string): Promise<Omit<Check, 'name'>> {
  for (let path = directory; ; path = dirname(path)) {
    try {
      await access(path, constants.W_OK);
      return { status: 'ok', detail: 'nothing stored yet; the first run makes it' };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT' && dirname(path) !== path) continue;
      return { status: 'fail', detail: `${path} cannot be written`, advice: 'Make it writable for you.' };
    }
  }
}

async function accounts(parts: SetupParts): Promise<Omit<Check, 'name'>> {
  const closed = (await (await parts.store()).accounts()).filter(({ cause }) => cause !== undefined);
  if (closed.length === 0) return { status: 'ok', detail: 'every provider takes work' };
  const now = Date.now();
  const person = closed.find(needsPerson);
  return {
    status: 'warn',
    detail: closed
      .map((each) => `${each.account} ${accountState(each)}, ${accountReturn(each, now)}: ${each.reason}`)
      .join('; '),
    advice:
      person === undefined
        ? 'It is tried again by itself; sooner with: cw provider resume <name>'
        : `Log in or pay, then: cw provider resume ${person.account}`,
  };
}

async function orchestrators(parts: SetupParts): Promise<Omit<Check, 'name'>> {
  const all = await (await parts.store()).orchestrators();
  const here = hostname();
  const dead = all.filter((each) => each.host === here && !isAlive(each.process));
  const alive = all.length - dead.length;
  if (dead.length === 0) {
    return { status: 'ok', detail: alive === 0 ? 'none at work' : `${alive} at work` };
  }
  return {
    status: 'warn',
    detail: `${count(dead.length, 'orchestrator')} ended without a word (${dead.map((each) => each.id).join(', ')})`,
    advice: 'The next cw run clears up after it and resumes its tasks.',
  };
}

async function worktrees(parts: SetupParts, root: string): Promise<Omit<Check, 'name'>> {
  const directory = join(root, '.codewalk', 'worktrees');
  const names = (await readdir(directory).catch(() => [])).filter((name) => !name.startsWith('.'));
  const tasks = new Map<string, Task>((await (await parts.store()).tasks()).map((task) => [task.id, task]));
  const leftOver = names.filter((name) => {
    const state = tasks.get(name)?.state;
    return state === undefined || (isFinal(state) && state !== 'failed');
  });
  if (leftOver.length === 0) {
    return { status: 'ok', detail: names.length === 0 ? 'none' : `${names.length}, each of an open task` };
  }
  return {
    status: 'warn',
    detail: `${count(leftOver.length, 'worktree')} without an open task: ${leftOver.join(', ')}`,
    advice: `They may hold unmerged work; look, then: git worktree remove .codewalk/worktrees/${leftOver[0]}`,
  };
}

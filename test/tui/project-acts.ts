import fc from 'fast-check';
import { CodewalkError } from '../../src/core/errors.ts';
import type { TaskId } from '../../src/core/ids.ts';
import { parseProposal } from '../../src/core/planning/proposal.ts';
import { afterTurn } from '../../src/core/resilience/breaker.ts';
import { decidePause, decideResume } from '../../src/core/tasks/commands.ts';
import { mayMove } from '../../src/core/tasks/states.ts';
import { type Act, acts, perform, SIZE } from '../contracts/store-acts.ts';
import { Attempt, id } from '../contracts/store-kit.ts';
import type { StoredProject } from './stored-project.ts';

const POLICY = { failures: 3, pauseMs: 1, maxPauseMs: 1, limitMs: 1, spreadMs: 0, random: 0 };

/** Where a task stands in the roadmap file; `away`: it is not in it. */
const PLACES = ['top', 'walls', 'roof', 'phase 1', 'phase 2', 'initiative', 'away'] as const;

/** One version of the roadmap file. `edition` is in its titles; `renames`: the task that gets a new id. */
const version = fc.record({
  kind: fc.constant('roadmap' as const),
  places: fc.array(fc.constantFrom(...PLACES, 'top', 'walls'), { minLength: SIZE, maxLength: SIZE }),
  needs: fc.array(fc.tuple(fc.nat(SIZE - 1), fc.nat(SIZE - 1)), { maxLength: 4 }),
  modes: fc.array(fc.constantFrom('hard', 'soft', 'skip'), { minLength: SIZE, maxLength: SIZE }),
  edition: fc.nat(2),
  renames: fc.option(fc.nat(SIZE - 1), { nil: undefined }),
  isBroken: fc.nat(9).map((n) => n === 0),
  /** Whoever reads it writes down what is wrong with it. */
  isFollowed: fc.boolean(),
});
type Version = typeof version extends fc.Arbitrary<infer T> ? T : never;

const KINDS = [
  ...([
    'step',
    'step',
    'step-ends',
    'use',
    'print',
    'print',
    'report',
    'ask',
    'approval',
    'escalate',
  ] as const),
  ...([
    'withdraw',
    'answer',
    'say',
    'say-to-all',
    'read',
    'limit',
    'resume',
    'one-off',
    'register',
    'end',
  ] as const),
  ...(['merged', 'confirm', 'retry-later', 'log', 'propose', 'settle', 'refuse', 'deliver'] as const),
  ...(['pause', 'resume-task', 'pause-project', 'resume-project'] as const),
] as const;
/** On tasks under the ids that they have now. */
const PERSONS = ['reset', 'cancelled', 'skipped'] as const;

const others = fc.record({
  kind: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...KINDS) },
    { weight: 1, arbitrary: fc.constantFrom(...PERSONS) },
  ),
  which: fc.nat(SIZE - 1),
  isOther: fc.constant(true as const),
});
type Other = typeof others extends fc.Arbitrary<infer T> ? T : never;

/** Anything that agents, people, processes and editors do to a project. */
export const happenings = fc.oneof(
  { weight: 4, arbitrary: acts },
  { weight: 5, arbitrary: others },
  { weight: 1, arbitrary: version },
);
export type Happening = Act | Other | Version;

/** A project to which things happen. */
export class LivingProject {
  readonly project: StoredProject;
  readonly #held = new Map<string, Attempt>();
  readonly #names = Array.from({ length: SIZE }, (_, index) => `t${index}`);
  #count = 0;
  #isMute = false;

  private constructor(project: StoredProject) {
    this.project = project;
  }

  /** With two tasks in its roadmap. */
  static async begin(project: StoredProject): Promise<LivingProject> {
    project.save('version: 1\ntasks:\n  - { id: t0, prompt: Do }\n  - { id: t1, prompt: Do }\n');
    await project.roadmap.refresh();
    return new LivingProject(project);
  }

  /** The state is an earlier one: whoever was at work is not any more. Nobody prints, over what was printed before. */
  async forget(): Promise<void> {
    this.#held.clear();
    this.#isMute = true;
    const known = (await this.project.store.tasks()).map(({ id: task }) => String(task));
    for (const [index, name] of this.#names.entries()) {
      if (known.includes(name)) continue;
      this.#names[index] = known.find((task) => task.startsWith(`t${index}`)) ?? `t${index}`;
    }
  }

  async live(happening: Happening): Promise<void> {
    this.#count += 1;
    if (happening.kind === 'roadmap') await this.#edit(happening);
    else if (isOther(happening)) await this.#other(happening);
    else await perform(this.project.store, this.#held, happening);
  }

  async #edit(edit: Version): Promise<void> {
    const { project } = this;
    const before = [...this.#names];
    const renamed = edit.renames;
    if (renamed !== undefined) this.#names[renamed] = `t${renamed}r${this.#count}`;
    project.save(textOf(edit, this.#names, before));
    if (edit.isFollowed) await project.look();
    const problem = await project.roadmap.refresh();
    const known = new Set((await project.store.tasks()).map(({ id: task }) => String(task)));
    if (renamed === undefined) return;
    const [was = '', is = ''] = [before[renamed], this.#names[renamed]];
    // A file that was not taken has renamed nothing.
    if (problem !== undefined || !known.has(is)) this.#names[renamed] = was;
    const attempt = this.#held.get(was);
    if (attempt === undefined || !known.has(is)) return;
    this.#held.delete(was);
    this.#held.set(is, new Attempt(attempt.store, { ...attempt.claim, task: id(is) }));
  }

  async #other({ kind, which }: Other): Promise<void> {
    const { project } = this;
    const { store } = project;
    const number = this.#count;
    const attempt = [...this.#held.values()][which % Math.max(1, this.#held.size)];
    const name = id(this.#names[which] ?? 't0');
    const step = async (): Promise<number> =>
      (await store.steps(attempt?.claim.task ?? id('none'))).at(-1)?.step ?? 0;
    switch (kind) {
      case 'step':
        await attempt?.try(attempt.stepStarted((await step()) + 1));
        return;
      case 'step-ends': {
        const open = (await store.steps(attempt?.claim.task ?? id('none'))).findLast(
          ({ state }) => state === 'running',
        );
        if (open !== undefined) await attempt?.try(attempt.stepFinished(open.step));
        return;
      }
      case 'use': {
        const at = await step();
        if (at === 0) return;
        const usage = { inputTokens: 10, outputTokens: 5, cachedTokens: 0, costUsd: 0.25 };
        await attempt?.try({
          ...{ type: 'agent.usage', ...attempt.about, step: at, agent: 'coder', provider: 'fake' },
          ...{ usage, totals: { ...usage, costUsd: number } },
        });
        return;
      }
      case 'print': {
        const at = await step();
        if (attempt === undefined || at === 0 || this.#isMute) return;
        const { about } = attempt;
        const lines = Array.from(
          { length: 1 + (number % 30) },
          (_, n) => `line ${number}.${n} of ${about.task}`,
        );
        const place = (await store.task(about.task))?.place ?? about.task;
        project.print(place, { attempt: about.attempt, step: at }, lines);
        await attempt.try({ type: 'agent.output', ...about, step: at, lines: lines.slice(-1), dropped: 0 });
        return;
      }
      case 'report':
        await attempt?.try({
          type: 'agent.reported',
          ...attempt.about,
          step: await step(),
          text: `at ${number}`,
          percent: number % 100,
        });
        return;
      case 'ask':
        await attempt?.try({
          ...{ type: 'question.asked', ...attempt.about, step: 1, stage: 'orchestrator' },
          questions: [{ id: `q${number}`, question: `Which ${number}?` }],
        });
        return;
      case 'approval':
        await attempt?.try({
          ...{ type: 'task.asked', ...attempt.about, step: 1 },
          questions: [{ id: 'approval', question: 'May it be merged?', kind: 'approval' }],
        });
        return;
      case 'escalate':
      case 'withdraw': {
        const [open] = await store.questions({ open: true });
        if (open === undefined) return;
        const { task, id: question } = open;
        const reason = 'it is not for me';
        await store.command(task, () => [
          kind === 'escalate'
            ? { type: 'question.escalated', task, question, reason }
            : { type: 'question.withdrawn', task, question, by: 'ann', reason },
        ]);
        return;
      }
      case 'answer': {
        const [open] = await store.questions({ open: true });
        if (open === undefined) return;
        await store.command(open.task, () => [
          { type: 'task.answered', task: open.task, question: open.id, answer: 'this', by: 'ann' },
        ]);
        return;
      }
      case 'say':
      case 'say-to-all':
        await store.send({
          id: `m${number}`,
          from: attempt === undefined || kind === 'say' ? 'orchestrator' : `task:${attempt.claim.task}`,
          to: kind === 'say' ? 'person' : 'everyone',
          text: `Hello ${number}`,
        });
        return;
      case 'read': {
        const [first] = await store.messages({ unreadBy: 'person' });
        if (first !== undefined) await store.readMessages('person', [first.id]);
        return;
      }
      case 'limit':
        await store.changeAccount('fake', (before, facts) =>
          afterTurn(
            before,
            {
              task: name,
              report: { kind: 'limited', until: facts.now + 60_000 * number, reason: 'used up' },
              policy: POLICY,
            },
            facts,
          ),
        );
        return;
      case 'resume':
        await project.api().resumeAccount({ name: 'fake' }).catch(ignored);
        return;
      case 'one-off':
        await store.addTask(
          {
            ...{
              id: id(`extra-${number}`),
              title: 'Extra',
              prompt: 'Do',
              path: {},
              dependsOn: [],
              files: [],
            },
            ...{ priority: 50, exitCriteria: [], onFailure: 'hard', adHoc: true },
          },
          'ann',
        );
        return;
      case 'register':
        await store.register({
          id: `orc_${number}`,
          host: 'here',
          process: { pid: 1, startTime: '1', bootId: 'b' },
          version: '1',
          maxAgents: 1,
        });
        return;
      case 'end': {
        const [first] = await store.orchestrators();
        if (first !== undefined) await store.deregister(first.id, 'it is over');
        return;
      }
      case 'merged': {
        if (attempt === undefined || (await store.task(attempt.claim.task))?.state !== 'merging') return;
        const commit = String(number % 10).repeat(40) as never;
        const { about } = attempt;
        const how = { strategy: 'merge', onto: commit, head: commit } as const;
        await attempt.try({ type: 'merge.started', ...about, ...how });
        if (which === 0) return;
        await attempt.try({
          type: 'merge.done',
          ...about,
          branch: 'main',
          commit,
          strategy: 'merge',
          recovered: false,
        });
        return;
      }
      case 'confirm':
        await project.roadmap.take({ confirmedBy: 'ann' }).catch(ignored);
        return;
      case 'retry-later':
        await attempt?.try({
          ...{ type: 'task.retried', ...attempt.about, outcome: 'transient', reason: 'no answer' },
          ...{ retryAt: Date.now() + 3_600_000, failures: 1 },
        });
        return;
      case 'pause':
        await store.command(name, (task) => decidePause(task, { by: 'ann', reason: `why ${number}` }));
        return;
      case 'resume-task':
        await store.command(name, (task) => decideResume(task, 'ann'));
        return;
      case 'pause-project':
        await store.pauseProject({ by: 'ann', reason: '', now: which % 2 === 0 });
        return;
      case 'resume-project':
        await store.resumeProject('ann');
        return;
      case 'reset':
      case 'cancelled':
      case 'skipped':
        await this.#command(name, kind);
        return;
      case 'propose': {
        const plan = id(`plan-${number}`);
        const read = parseProposal({ title: 'Plan', tasks: [{ id: 'a', title: 'A', prompt: 'Write it.' }] });
        if (read.kind !== 'parsed') throw new Error('The proposal cannot be read');
        const { proposal } = read;
        await store.keepPlan({ id: plan, goal: `Goal ${number}`, issues: [], proposal, notes: [] });
        return;
      }
      case 'settle': {
        const [plan] = await store.plans({ open: true });
        if (plan !== undefined) await store.settlePlan(plan.id, { to: 'dropped', added: [], by: 'ann' });
        return;
      }
      case 'refuse':
        await store.changeAccount('fake', (before, facts) =>
          afterTurn(
            before,
            { task: name, report: { kind: 'refused', cause: 'auth', reason: 'no key' }, policy: POLICY },
            facts,
          ),
        );
        return;
      case 'deliver': {
        const about = { branch: 'cw/main', target: 'main' };
        const commit = '1'.repeat(40) as never;
        await store.log([
          which % 2 === 0
            ? { type: 'delivery.refused', ...about, reason: 'it is checked out' }
            : { type: 'delivery.done', ...about, commit, tasks: [] },
        ]);
        return;
      }
      case 'log':
        await store.log([
          { type: 'store.full', place: 'here' },
          { type: 'server.started', server: `srv_${number}`, pid: 1, version: '1' },
        ]);
        return;
    }
  }

  /** What a person does to a task, under the id that it has now. */
  async #command(name: TaskId, what: 'reset' | 'cancelled' | 'skipped'): Promise<void> {
    const { store } = this.project;
    const task = await store.task(name);
    if (task === undefined || task.state === 'archived') return;
    if (!mayMove(task.state, what === 'reset' ? 'pending' : what)) return;
    await store.command(name, () => [
      what === 'skipped'
        ? { type: 'task.skipped', task: name, reason: 'not needed' }
        : what === 'reset'
          ? { type: 'task.reset', task: name, by: 'ann' }
          : { type: 'task.cancelled', task: name, by: 'ann' },
    ]);
  }
}

function isOther(happening: Happening): happening is Other {
  return 'isOther' in happening;
}

/** What a person was told is wrong changes nothing. */
function ignored(error: unknown): void {
  if (!(error instanceof CodewalkError)) throw error;
}

function textOf(edit: Version, names: readonly string[], before: readonly string[]): string {
  const { places, needs, modes, edition, isBroken } = edit;
  const isHere = (index: number): boolean => places[index] !== 'away';
  const tasks = (place: string, indent: string): string =>
    names
      .flatMap((name, index) => {
        if (places[index] !== place) return [];
        const after = needs.flatMap(([a, b]) =>
          a !== b && Math.max(a, b) === index && isHere(Math.min(a, b)) ? [names[Math.min(a, b)]] : [],
        );
        const was = before[index] === name ? '' : `, was: [${before[index]}]`;
        const dependsOn = after.length === 0 ? '' : `, depends_on: [${[...new Set(after)].join(', ')}]`;
        return `${indent}- { id: ${name}, title: Make ${index}.${edition}, prompt: Do, on_failure: ${modes[index]}${was}${dependsOn} }\n`;
      })
      .join('');
  const list = (key: string, indent: string, entries: string): string =>
    entries === '' ? '' : `${indent}${key}:\n${entries}`;
  const plan = (name: string, wave: number): string => {
    const inside = list('tasks', '            ', tasks(name, '              '));
    return inside === ''
      ? ''
      : `          - id: ${name}\n            title: The ${name} ${edition}\n            wave: ${wave}\n${inside}`;
  };
  const phase = (number: number, after: string, plans: string): string => {
    const inside =
      list('plans', '        ', plans) + list('tasks', '        ', tasks(`phase ${number}`, '          '));
    return inside === ''
      ? ''
      : `      - id: "${number}"\n        title: Phase ${number}.${edition}\n${after}${inside}`;
  };
  const first = phase(1, '', plan('walls', 1) + plan('roof', 2));
  const second = phase(2, first === '' ? '' : '        depends_on: ["1"]\n', '');
  const inside =
    list('phases', '    ', first + second) + list('tasks', '    ', tasks('initiative', '      '));
  const initiative = inside === '' ? '' : `  - id: shop\n    title: The shop\n${inside}`;
  const text = `version: 1\n${list('initiatives', '', initiative)}${list('tasks', '', tasks('top', '  '))}`;
  return isBroken ? `${text}nonsense: [` : text;
}

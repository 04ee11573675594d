import { setImmediate } from 'node:timers/promises';
import type { Session } from '../src/adapters/store/session.ts';
import { verifyOpen } from '../src/adapters/store/verify.ts';
import { resolveConfig } from '../src/core/config/resolve.ts';
import type { Config } from '../src/core/config/schema.ts';
import type { TurnWeights } from './agents.ts';
import { Chance } from './chance.ts';
import { type ConnectionFaults, SimEngine } from './connection.ts';
import { Database } from './database.ts';
import { type Host, Machine, WallClock } from './machine.ts';
import { INTACT, type Mutant } from './mutants.ts';
import { openSimStore, orchestrate, PROJECT, type Shared } from './orchestrator-process.ts';
import { isUnreachable, Person } from './person.ts';
import { machineOf, Referee, Violation } from './referee.ts';
import { type RepositoryFaults, SimRepository } from './repository.ts';
import { SimRoadmap } from './roadmap.ts';
import type { Fault, Scenario } from './scenario.ts';
import { type Actor, Schedule } from './schedule.ts';
import { Trace } from './trace.ts';

const HOUR = 3_600_000;
/** Once nothing goes wrong any more, the tasks of the dead are somebody else's after this long. */
const RECLAIM_MS = 90_000;
/** And everything is done after this long: a clock that was set back by hours has to catch up first. */
const FINISH_MS = 12 * HOUR;
/** Nothing that a plan of this size needs. */
const MOST_CALM_STEPS = 2_000_000;

const CALM_TURNS: TurnWeights = {
  done: 1,
  'done-untold': 0,
  rejected: 0,
  questions: 0,
  error: 0,
  transient: 0,
  'unknown-failure': 0,
  limited: 0,
  auth: 0,
  billing: 0,
  request: 0,
  context: 0,
  stalled: 0,
  killed: 0,
};
const WILD_TURNS: TurnWeights = {
  done: 70,
  'done-untold': 4,
  rejected: 6,
  questions: 4,
  error: 2,
  transient: 9,
  'unknown-failure': 2,
  limited: 2,
  auth: 0.5,
  billing: 0.5,
  request: 1,
  context: 2,
  stalled: 2,
  killed: 2,
};
const GOOD_LINE: ConnectionFaults = { busy: 0, lostRequest: 0, lostAnswer: 0 };
const BAD_LINE: ConnectionFaults = { busy: 0.01, lostRequest: 0.005, lostAnswer: 0.005 };
const GOOD_GIT: RepositoryFaults = { broken: 0, conflict: 0, verifyFails: 0, lostAnswer: 0 };
const BAD_GIT: RepositoryFaults = { broken: 0.01, conflict: 0.08, verifyFails: 0.1, lostAnswer: 0.05 };

/** What a world came to. */
export interface WorldReport {
  readonly steps: number;
  /** Simulated time, ms. */
  readonly simulatedMs: number;
  readonly events: number;
  readonly claims: number;
  readonly merges: number;
  readonly overlaps: number;
  /** What was asked of the database. */
  readonly reads: number;
  readonly writes: number;
  readonly faults: Readonly<Record<string, number>>;
  /** SHA-256 over everything that happened. */
  readonly hash: string;
  readonly violation:
    | { readonly invariant: string; readonly what: string; readonly recent: readonly string[] }
    | undefined;
}

/** Runs one world from its beginning until everything is done, or a rule is broken. */
export async function runWorld(scenario: Scenario, mutant: Mutant = INTACT): Promise<WorldReport> {
  using world = new World(scenario, mutant);
  return await world.run();
}

interface Running {
  readonly machine: Machine;
  readonly stop: AbortController;
}

class World implements Disposable {
  readonly #scenario: Scenario;
  readonly #faultsOn: ReadonlySet<Fault>;
  readonly #trace = new Trace();
  readonly #chance: Chance;
  readonly #schedule: Schedule;
  readonly #fate: Actor = { name: 'fate', state: 'up' };
  readonly #hosts: readonly Host[];
  readonly #databaseWall: WallClock;
  readonly #database: Database;
  readonly #repository: SimRepository;
  readonly #referee: Referee;
  readonly #shared: Shared;
  readonly #roadmap: SimRoadmap;
  readonly #running = new Map<string, Running>();
  readonly #gone = new Set<string>();
  readonly #counts: Record<string, number> = {};
  #names = 0;
  #isCalm = false;
  #calmSince = 0;
  #isSetUp = false;
  #failure: unknown;
  readonly #mutant: Mutant;

  constructor(scenario: Scenario, mutant: Mutant) {
    this.#mutant = mutant;
    this.#scenario = scenario;
    this.#faultsOn = new Set(scenario.faults);
    this.#chance = new Chance(scenario.seed);
    this.#schedule = new Schedule(this.#chance.fork());
    this.#databaseWall = new WallClock(this.#schedule);
    this.#hosts = Array.from({ length: scenario.hosts }, (_, index) => ({
      name: `host${index + 1}`,
      wall: new WallClock(this.#schedule),
    }));
    this.#database = new Database(this.#databaseWall);
    this.#repository = new SimRepository(() => this.#while('git', { ...BAD_GIT, ...mutant.git }, GOOD_GIT));
    this.#roadmap = new SimRoadmap(this.#chance.fork(), scenario.tasks);
    const config = configOf();
    this.#referee = new Referee({
      database: this.#database,
      repository: this.#repository,
      trace: this.#trace,
      maxAttempts: config.retry.maxAttempts,
    });
    this.#shared = {
      config,
      database: this.#database,
      repository: this.#repository,
      referee: this.#referee,
      mutant,
      connectionFaults: () => this.#while('connections', BAD_LINE, GOOD_LINE),
      weights: () => this.#while('turns', WILD_TURNS, CALM_TURNS),
      isDeadHere: (name, host) => this.#gone.has(`${machineOf(name)}@${host}`),
    };
  }

  [Symbol.dispose](): void {
    this.#database[Symbol.dispose]();
  }

  async run(): Promise<WorldReport> {
    const onRejection = (error: unknown) => {
      this.#failure ??= error;
    };
    process.on('unhandledRejection', onRejection);
    let violation: Violation | undefined;
    try {
      this.#begin();
      await setImmediate();
      await this.#turn();
      await this.#verify();
    } catch (error) {
      violation = error instanceof Violation ? error : new Violation('nothing is thrown', textOf(error));
    } finally {
      process.off('unhandledRejection', onRejection);
    }
    return {
      steps: this.#trace.steps,
      simulatedMs: this.#schedule.now,
      events: this.#referee.events,
      claims: this.#referee.claims,
      merges: this.#referee.merges,
      overlaps: this.#referee.overlaps,
      reads: this.#database.reads,
      writes: this.#database.writes,
      faults: this.#counts,
      hash: this.#trace.digest(),
      violation:
        violation === undefined
          ? undefined
          : { invariant: violation.invariant, what: violation.message, recent: this.#trace.recent },
    };
  }

  #while<T>(fault: Fault, bad: T, good: T): T {
    return !this.#isCalm && this.#isSetUp && this.#faultsOn.has(fault) ? bad : good;
  }

  /** What `cw db verify` would find. */
  async #verify(): Promise<void> {
    const { database, connectionFaults } = this.#shared;
    const machine = this.#machine('verifier');
    const engine = new SimEngine({ database, machine, faults: connectionFaults, isInstant: true });
    const session: Session = {
      db: engine.db,
      direct: engine.direct,
      wire: engine.wire,
      isTransaction: false,
      kind: engine.kind,
      project: PROJECT,
    };
    const { findings } = await verifyOpen({ engine, session, headFile: undefined });
    for (const { check, ok, detail } of findings) {
      if (!ok) throw new Violation('the database verifies', `${check}: ${detail}`);
    }
  }

  // ── the course of the world ──

  async #turn(): Promise<void> {
    const { chaosSteps } = this.#scenario;
    for (;;) {
      const happening = this.#schedule.next();
      if (happening === undefined) throw new Violation('the world goes on', 'Nothing is planned any more');
      this.#trace.step(`${this.#schedule.now} ${happening.who.name}: ${happening.what}`);
      happening.run();
      // Everything that follows from it without waiting has happened after this.
      await setImmediate();
      if (this.#referee.violation !== undefined) throw this.#referee.violation;
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#isSetUp) this.#referee.check();
      if (!this.#isCalm && this.#isSetUp && this.#trace.steps >= chaosSteps) this.#calmDown();
      if (this.#isCalm && this.#isOver()) return;
      if (this.#trace.steps >= (this.#scenario.crowd?.mostSteps ?? Number.POSITIVE_INFINITY)) return;
    }
  }

  #begin(): void {
    const machine = this.#machine('people');
    void this.#live(machine).catch((error: unknown) => {
      this.#failure ??= error;
    });
  }

  async #live(machine: Machine): Promise<void> {
    const store = await openSimStore(machine, this.#shared);
    const person = new Person({
      machine,
      store,
      roadmap: this.#roadmap,
      mood: () => ({
        isHelpful: this.#isCalm,
        edits: this.#while('edits', true, false),
        interferes: this.#while('people', true, false),
      }),
    });
    await person.sync();
    this.#mutant.database?.(this.#database.raw);
    this.#isSetUp = true;
    const { crowd } = this.#scenario;
    for (let other = crowd === undefined ? 1 : this.#scenario.orchestrators; other > 0; other -= 1)
      this.#start();
    this.#planFault();
    await person.live();
  }

  #isOver(): boolean {
    const calmMs = this.#schedule.now - this.#calmSince;
    if (calmMs > RECLAIM_MS) {
      const [first] = this.#referee.heldByTheGone();
      if (first !== undefined) {
        throw new Violation(
          'the dead hold nothing',
          `${first.owner} is gone and holds ${first.task} after ${Math.round(calmMs / 1_000)} s without a fault`,
        );
      }
    }
    if (this.#running.size === 0) {
      const left = this.#referee.unfinished();
      if (left.length === 0 && this.#referee.allSucceeded()) {
        this.#referee.checkEnd();
        return true;
      }
      if (!this.#isStarting) this.#startLater();
    }
    if (calmMs > FINISH_MS || this.#trace.steps > this.#scenario.chaosSteps + MOST_CALM_STEPS) {
      throw new Violation(
        'what can be done is done',
        `Unfinished after ${Math.round(calmMs / 60_000)} minutes without a fault: ${this.#referee.unfinished().slice(0, 5).join('; ')}`,
      );
    }
    return false;
  }

  #calmDown(): void {
    this.#isCalm = true;
    this.#calmSince = this.#schedule.now;
    this.#trace.note('all is quiet from now on');
    this.#database.slowness = 0;
    for (const { machine } of this.#running.values()) {
      machine.thaw();
      machine.setLink('up');
    }
    if (this.#running.size === 0) this.#startLater();
  }

  // ── processes ──

  #machine(name: string): Machine {
    return new Machine({
      name,
      host: this.#chance.pick(this.#hosts),
      schedule: this.#schedule,
      chance: this.#chance.fork(),
    });
  }

  #isStarting = false;

  #startLater(): void {
    this.#isStarting = true;
    this.#plan(this.#chance.between(100, 20_000), 'somebody starts an orchestrator', () => {
      this.#isStarting = false;
      if (this.#running.size === 0) this.#start();
    });
  }

  #start(): void {
    this.#names += 1;
    const machine = this.#machine(`orc${this.#names}`);
    const stop = new AbortController();
    const maxAgents = this.#scenario.crowd?.agents ?? this.#chance.between(1, 4);
    this.#running.set(machine.name, { machine, stop });
    const ended = () => {
      this.#trace.note(`  ${machine.name} has ended`);
      this.#left(machine);
    };
    void orchestrate(machine, { ...this.#shared, maxAgents, stop: stop.signal }).then(
      ended,
      (error: unknown) => {
        if (!isUnreachable(error)) this.#failure ??= error;
        ended();
      },
    );
  }

  /** The process is over; its name will not come back. */
  #left(machine: Machine): void {
    machine.kill();
    this.#running.delete(machine.name);
    this.#referee.died(machine.name);
    this.#gone.add(`${machine.name}@${machine.host.name}`);
  }

  // ── what goes wrong ──

  #plan(ms: number, what: string, run: () => void): void {
    this.#schedule.add(this.#fate, ms, what, run);
  }

  #planFault(): void {
    this.#plan(this.#chance.between(200, 8_000), 'fate', () => {
      if (this.#isCalm) return;
      this.#doHarm();
      this.#planFault();
    });
  }

  #doHarm(): void {
    const kind = this.#chance.weighted({
      crash: this.#weight('crashes', 3),
      powerLoss: this.#weight('crashes', 0.3),
      freeze: this.#weight('freezes', 3),
      partition: this.#weight('partitions', 3),
      slowness: this.#weight('slowness', 1),
      clock: this.#weight('clocks', 0.4),
      join: this.#weight('joins', 3),
      leave: this.#weight('joins', 1),
      nothing: 1,
    });
    this.#counts[kind] = (this.#counts[kind] ?? 0) + 1;
    this.#trace.note(`  fate: ${kind}`);
    const running = [...this.#running.values()];
    const one = running.length === 0 ? undefined : this.#chance.pick(running);
    switch (kind) {
      case 'crash':
        if (one !== undefined) this.#left(one.machine);
        break;
      case 'powerLoss':
        for (const { machine } of running) this.#left(machine);
        break;
      case 'freeze':
        if (one !== undefined) this.#freeze(one.machine);
        break;
      case 'partition':
        if (one !== undefined) this.#cutOff(one.machine);
        break;
      case 'slowness':
        this.#database.slowness = this.#chance.between(100, 5_000);
        this.#plan(this.#chance.between(1_000, 30_000), 'the disk is quick again', () => {
          this.#database.slowness = 0;
        });
        break;
      case 'clock': {
        const walls = [this.#databaseWall, ...this.#hosts.map(({ wall }) => wall)];
        this.#chance.pick(walls).jump(this.#chance.between(-2 * HOUR, 2 * HOUR));
        break;
      }
      case 'join':
        if (running.length < this.#scenario.orchestrators) this.#start();
        break;
      case 'leave':
        one?.stop.abort();
        break;
      case 'nothing':
        break;
    }
    if (this.#running.size === 0 && !this.#isStarting) this.#startLater();
  }

  #weight(fault: Fault, weight: number): number {
    return this.#faultsOn.has(fault) ? weight : 0;
  }

  #freeze(machine: Machine): void {
    machine.freeze();
    this.#plan(this.#chance.between(100, 60_000), `${machine.name} goes on`, () => machine.thaw());
  }

  #cutOff(machine: Machine): void {
    machine.setLink(this.#chance.pick(['silent', 'refused']));
    this.#plan(this.#chance.between(500, 60_000), `${machine.name} is connected again`, () =>
      machine.setLink('up'),
    );
  }
}

function configOf(): Config {
  const resolved = resolveConfig([]);
  if (resolved.kind === 'invalid') throw new Error('The built-in config is invalid');
  return resolved.config;
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Actor, LOCAL_PERSON, PERSON_ROLES } from '../../src/core/api/actor.ts';
import type { HostedProject, ProjectHost } from '../../src/core/api/ports.ts';
import { UsageError } from '../../src/core/errors.ts';
import type { TaskId } from '../../src/core/ids.ts';
import { type Composed, compose } from '../../src/main/compose.ts';
import { apiRoutes } from '../../src/surfaces/api/api-routes.ts';
import { EventStreams } from '../../src/surfaces/api/event-stream.ts';
import { HttpFront } from '../../src/surfaces/api/http-front.ts';
import type { ServerDoor } from '../../src/surfaces/api/socket-request.ts';
import { makeRepo, type TestRepo } from '../support/repo.ts';

const ROADMAP = `version: 1
tasks:
  - { id: build, title: Build, prompt: Build it }
  - { id: check, title: Check, prompt: Check it, depends_on: [build] }
  - { id: extra, title: Extra, prompt: More }
`;

/** A project with three tasks, and a home of its own. */
export async function makeProject(t: TestContext): Promise<{ repo: TestRepo; services: Composed }> {
  const home = mkdtempSync(join(tmpdir(), 'cw-home-'));
  const before = process.env['HOME'];
  process.env['HOME'] = home;
  const repo = await makeRepo({ files: { 'roadmap.yaml': ROADMAP } });
  const services = compose({ directory: repo.root, env: process.env, version: '1.2.3' });
  t.after(async () => {
    await services[Symbol.asyncDispose]();
    await repo[Symbol.asyncDispose]();
    rmSync(home, { recursive: true, force: true });
    if (before === undefined) delete process.env['HOME'];
    else process.env['HOME'] = before;
  });
  return { repo, services };
}

const client = (role: (typeof PERSON_ROLES)[number]): Actor => ({ kind: 'client', name: role, role });
const agent: Actor = { kind: 'agent', task: 'build' as TaskId, attempt: 1, step: 1, role: 'coder' };

/** Tokens by whom they stand for: `person`, each role, `agent`. */
const ACTORS: Readonly<Record<string, Actor>> = {
  person: LOCAL_PERSON,
  agent,
  ...Object.fromEntries(PERSON_ROLES.map((role) => [role, client(role)])),
};

export interface Served {
  readonly front: HttpFront<Actor>;
  readonly streams: EventStreams;
  /** Of the person at this machine. */
  readonly door: ServerDoor;
  readonly hosted: HostedProject;
  readonly errors: readonly unknown[];
  close(): Promise<void>;
}

/** Serves one project on a socket as the daemon does; a token is the name of its actor. */
export async function serve(
  t: TestContext,
  { services: { hosted }, root }: { services: Pick<Composed, 'hosted'>; root: string },
  at?: string,
): Promise<Served> {
  const directory = mkdtempSync(join(tmpdir(), 'cw-api-'));
  const socketPath = at ?? join(directory, 's');
  const errors: unknown[] = [];
  const streams = new EventStreams();
  const host: ProjectHost = {
    open: async (asked = root) => {
      if (asked === root) return hosted;
      throw new UsageError('UNKNOWN_PROJECT', `no project at ${asked} is served`, {
        advice: 'serve it: cw serve',
      });
    },
  };
  const front = new HttpFront<Actor>({
    authenticate: (token) => ACTORS[token],
    routes: apiRoutes({ host, streams, onError: (error) => errors.push(error) }),
    onError: (error) => errors.push(error),
  });
  await front.listenOnSocket(socketPath);
  const close = async () => {
    streams[Symbol.dispose]();
    await front[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true, force: true });
  };
  t.after(close);
  return {
    front,
    streams,
    hosted,
    errors,
    close,
    door: { socket: socketPath, token: 'person', project: root },
  };
}

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SandboxMode } from '../../src/core/agents/ports.ts';
import { type E2eProject, makeProject } from '../e2e/project.ts';
import { type Evidence, hostileAgent, makeEvidence, writeAgent } from './plants.ts';

export interface Hostile extends AsyncDisposable {
  readonly project: E2eProject;
  readonly evidence: Evidence;
}

/** Two tasks: `mine` is played by the hostile agent, `other` by one that only does its work. */
export async function makeHostile(mode: SandboxMode): Promise<Hostile> {
  const project = await makeProject({
    roadmap: {
      version: 1,
      tasks: [
        { id: 'other', prompt: 'x', agent: 'coder' },
        { id: 'mine', prompt: 'x', agent: 'hostile', depends_on: ['other'] },
      ],
    },
    script: {
      other: [[{ write: 'other.txt', text: 'other\n' }, { result: { status: 'done', summary: 'ok' } }]],
    },
  });
  const { repo, directory } = project;
  const evidence = makeEvidence(join(directory, '..', 'evidence'));
  repo.git('tag', 'v1');
  repo.git('branch', 'cw/elsewhere');
  const script = writeAgent(directory, hostileAgent({ root: repo.root, evidence, other: 'cw/elsewhere' }));
  const config = JSON.parse(readFileSync(join(repo.root, '.codewalk/config.json'), 'utf8'));
  config.providers.hostile = { type: 'command', command: 'sh', args: [script] };
  config.agents.hostile = { provider: 'hostile', sandbox: mode, tools: ['read', 'edit', 'shell'] };
  // Git as people and checks use it, on whatever the agents left.
  config.verify = 'git status; git diff HEAD~1; git log -3; true';
  repo.write('.codewalk/config.json', JSON.stringify(config));
  return { project, evidence, [Symbol.asyncDispose]: () => project[Symbol.asyncDispose]() };
}

/**
 * Everything in the user's git directory but what is ours: objects, our refs and worktrees, and the two lines that
 * hide `.codewalk` from the person's `git status`.
 */
export function gitDirectory(root: string): Record<string, string> {
  const entries = readdirSync(join(root, '.git'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 6))
    .filter(
      (path) =>
        !/^(objects|worktrees|info\/exclude$|(logs\/)?refs\/(heads\/cw\/(integration|mine|other)$|codewalk))/.test(
          path,
        ),
    );
  return Object.fromEntries(
    entries.map((path) => [
      path,
      createHash('sha256')
        .update(readFileSync(join(root, '.git', path)))
        .digest('hex'),
    ]),
  );
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resumeByHand } from './resume-by-hand.ts';

const agent = { type: 'claude', command: 'claude', session: '5f0c-1', worktree: '/trees/a', home: undefined };

test('S2-30 a conversation is continued by hand with the command of its own CLI', () => {
  assert.equal(resumeByHand(agent), 'cd /trees/a && claude --resume 5f0c-1');
  assert.equal(
    resumeByHand({ ...agent, type: 'codex', command: 'codex', worktree: undefined }),
    'codex resume 5f0c-1',
  );
  assert.equal(
    resumeByHand({ ...agent, type: 'goose', command: '/opt/my goose', worktree: undefined }),
    "'/opt/my goose' session --resume --name 5f0c-1",
  );
});

test('what a sandbox kept is found by its home', () => {
  assert.equal(
    resumeByHand({ ...agent, home: '/state/homes/a/home' }),
    'cd /trees/a && HOME=/state/homes/a/home claude --resume 5f0c-1',
  );
});

test('a session id is one word of the shell, whatever a CLI made it', () => {
  assert.equal(
    resumeByHand({ ...agent, session: "x'; rm -rf ~", worktree: undefined }),
    "claude --resume 'x'\\''; rm -rf ~'",
  );
});

test('what cannot be continued has no command', () => {
  assert.equal(resumeByHand({ ...agent, type: 'command' }), undefined);
  assert.equal(resumeByHand({ ...agent, session: undefined }), undefined);
});

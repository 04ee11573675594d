import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { question } from './outcome.ts';
import {
  decidePermission,
  PERMISSION_KINDS,
  type PermissionRequest,
  permissionGrants,
} from './permissions.ts';
import { AGENT_TOOLS, type AgentSpec, type PermissionPolicy } from './ports.ts';

function role(tools: AgentSpec['tools'], permissions?: PermissionPolicy) {
  return { role: 'coder', tools, ...(permissions === undefined ? {} : { permissions }) };
}

const run: PermissionRequest = { kind: 'execute', subject: 'npm test' };

function asked(request: PermissionRequest) {
  const decision = decidePermission(request, { agent: role(AGENT_TOOLS, 'ask'), grants: [] });
  assert.ok(decision.kind === 'ask');
  return decision.question;
}

test('S3-17 no policy and no answer gives a role more than its tools', () => {
  const needs = { edit: 'edit', delete: 'edit', move: 'edit', execute: 'shell', fetch: 'web' } as const;
  for (const [kind, tool] of Object.entries(needs) as [keyof typeof needs, (typeof AGENT_TOOLS)[number]][]) {
    const request = { kind, subject: 'x' };
    const grants = permissionGrants([{ ...asked(request), answer: 'allow' }]);
    for (const policy of ['allow', 'ask', 'deny'] as const) {
      const others = AGENT_TOOLS.filter((each) => each !== tool);
      assert.equal(decidePermission(request, { agent: role(others, policy), grants }).kind, 'deny', kind);
    }
    assert.equal(decidePermission(request, { agent: role([tool]), grants: [] }).kind, 'allow');
  }
});

test('what names no kind counts as a command, and reading is free to all', () => {
  assert.equal(
    decidePermission({ kind: 'other', subject: 'x' }, { agent: role(['edit']), grants: [] }).kind,
    'deny',
  );
  assert.equal(
    decidePermission({ kind: 'other', subject: 'x' }, { agent: role(['shell']), grants: [] }).kind,
    'allow',
  );
  for (const kind of ['read', 'search', 'think'] as const) {
    assert.equal(
      decidePermission({ kind, subject: 'x' }, { agent: role([], 'ask'), grants: [] }).kind,
      'allow',
    );
  }
});

test('the policy decides what the role may do', () => {
  const decide = (policy?: PermissionPolicy) =>
    decidePermission(run, { agent: role(['shell'], policy), grants: [] });
  assert.equal(decide().kind, 'allow');
  assert.equal(decide('allow').kind, 'allow');
  assert.deepEqual(decide('deny'), { kind: 'deny', reason: 'the role coder has "permissions": "deny"' });
  assert.deepEqual(decide('ask'), {
    kind: 'ask',
    question: {
      id: 'permission:execute:6ab70fef',
      question: 'May coder run: npm test',
      options: ['allow', 'deny'],
    },
  });
});

test('an answer holds for the same request only: same role, kind and subject', () => {
  const grants = permissionGrants([
    { ...asked(run), answer: ' Allow ' },
    { ...asked({ kind: 'execute', subject: 'npm publish' }), answer: 'rather not' },
    { id: 'q1', question: 'May coder run: rm -rf .', answer: 'allow' },
    { ...asked({ kind: 'fetch', subject: 'npm test' }), answer: undefined },
  ]);
  const decide = (request: PermissionRequest, name = 'coder') =>
    decidePermission(request, { agent: { ...role(AGENT_TOOLS, 'ask'), role: name }, grants }).kind;
  assert.equal(decide(run), 'allow');
  assert.equal(decide({ kind: 'execute', subject: 'npm publish' }), 'deny');
  assert.equal(decide({ kind: 'execute', subject: 'npm test ' }), 'ask');
  assert.equal(decide({ kind: 'execute', subject: 'rm -rf .' }), 'ask');
  assert.equal(decide({ kind: 'fetch', subject: 'npm test' }), 'ask');
  assert.equal(decide(run, 'tester'), 'ask');
  const changed = grants.map((grant) => ({ ...grant, question: 'May coder run: something else' }));
  assert.equal(decidePermission(run, { agent: role(['shell'], 'ask'), grants: changed }).kind, 'ask');
});

test('a person sees all of what is asked, and no two requests look the same', () => {
  assert.equal(
    asked({ kind: 'execute', subject: 'echo hi\nrm -rf .' }).question,
    'May coder run: "echo hi\\nrm -rf ."',
  );
  assert.equal(asked({ kind: 'execute', subject: 'a\u202eb' }).question, 'May coder run: "a\\u202eb"');
  assert.equal(asked({ kind: 'execute', subject: '"a"' }).question, 'May coder run: "\\"a\\""');
  const subject = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }));
  const kind = fc.constantFrom(...PERMISSION_KINDS.slice(3));
  fc.assert(
    fc.property(subject, subject, kind, (one, other, kind) => {
      const [first, second] = [asked({ kind, subject: one }), asked({ kind, subject: other })];
      assert.equal(first.question === second.question, one === other);
      assert.ok(question.safeParse(first).success);
      assert.doesNotMatch(first.question, /[\p{Cc}\p{Cf}]/u);
    }),
  );
});

test('nobody is asked about more than can be read', () => {
  const request = { kind: 'execute', subject: 'x'.repeat(4_001) } as const;
  assert.equal(decidePermission(request, { agent: role(['shell'], 'ask'), grants: [] }).kind, 'deny');
});

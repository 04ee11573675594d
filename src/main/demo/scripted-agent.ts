import { CODER_SCRIPTS, type CoderScript, noteScript } from './coder-scripts.ts';
import { listed, section, whatIsAsked } from './prompt-parts.ts';
import { keepBothSides } from './resolve-conflict.ts';
import { reviewDiff, type Verdict } from './review.ts';
import { reportTests } from './test-report.ts';

/** One turn of the scripted agent: what it was sent, and what it may do in its worktree. */
export interface Turn {
  readonly task: string;
  readonly prompt: string;
  /** The first prompt of the session, which holds the task; later ones may not repeat it. */
  readonly firstPrompt: string;
  /** The text of a file of the worktree, '' when it is not there. */
  read(path: string): string;
  write(path: string, text: string): void;
  /** One line for whoever watches. */
  say(line: string): void;
  /** Passes the time that a model would take: `effort` 1 is the usual one. */
  think(effort: number): Promise<void>;
}

/**
 * Plays a coder, a reviewer and a tester without any model. It knows the demo's tasks by heart, but it reads its
 * prompt: it reviews the diff that is there, mends what the feedback names, and resolves the conflicts it finds.
 */
export async function playTurn(turn: Turn): Promise<Verdict> {
  turn.say('I am a script that ships with Codewalk: no model is called.');
  const asked = whatIsAsked(turn.prompt);
  switch (asked) {
    case 'review':
      turn.say(`Reading the change of ${turn.task}`);
      await turn.think(0.6);
      return reviewDiff(section(turn.prompt, 'The work, as a diff'));
    case 'test':
      turn.say(`Reading what the project's check printed for ${turn.task}`);
      await turn.think(0.4);
      return reportTests(section(turn.prompt, "The project's check"));
    case 'conflict':
      return await resolveConflict(turn);
    default:
      return await code(turn, asked);
  }
}

async function code(turn: Turn, asked: 'work' | 'fix'): Promise<Verdict> {
  const script = scriptOf(turn.task);
  turn.say(asked === 'fix' ? `Going through the feedback on ${turn.task}` : `Thinking about ${turn.task}`);
  await turn.think(asked === 'fix' ? script.effort / 2 : script.effort);
  for (const path of pathsToWrite(turn, script, asked)) {
    const before = turn.read(path);
    const around = { prompt: turn.firstPrompt, read: turn.read };
    const after = script.edits[path]?.(before, around) ?? before;
    if (after === before) continue;
    turn.say(`${before === '' ? 'Writing' : 'Changing'} ${path}`);
    turn.write(path, after);
  }
  return { status: 'done', summary: script.summary };
}

function scriptOf(task: string): CoderScript {
  return Object.hasOwn(CODER_SCRIPTS, task) ? (CODER_SCRIPTS[task] ?? noteScript(task)) : noteScript(task);
}

/** What a reviewer names is mended, and nothing else; a failed check gives no paths, so everything is looked at. */
function pathsToWrite(turn: Turn, script: CoderScript, asked: 'work' | 'fix'): readonly string[] {
  const paths = Object.keys(script.edits);
  if (asked === 'work') return paths.filter((path) => path !== script.forgets);
  const feedback = section(turn.prompt, 'What has to change') ?? '';
  const named = paths.filter((path) => feedback.includes(path));
  return named.length > 0 ? named : paths;
}

async function resolveConflict(turn: Turn): Promise<Verdict> {
  const conflict = section(turn.prompt, 'Conflict');
  if (conflict === undefined) {
    return { status: 'error', reason: 'The merged result fails its check, which no script can mend' };
  }
  const files = listed(conflict);
  turn.say(`Looking at both sides of ${files.join(', ')}`);
  await turn.think(0.8);
  for (const path of files) {
    try {
      turn.write(path, keepBothSides(turn.read(path)));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return { status: 'error', reason: `The conflict in ${path} needs a person or a real agent: ${why}` };
    }
    turn.say(`Keeping both sides of ${path}`);
  }
  return {
    status: 'done',
    summary: `${scriptOf(turn.task).summary} In ${files.join(', ')} both sides are kept.`,
  };
}

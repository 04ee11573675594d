/** Arguments that continue a conversation at a terminal, by the type of its provider. */
const ARGUMENTS: Readonly<Record<string, (session: string) => readonly string[]>> = {
  claude: (session) => ['--resume', session],
  codex: (session) => ['resume', session],
  goose: (session) => ['session', '--resume', '--name', session],
  opencode: (session) => ['--session', session],
  gemini: (session) => ['--resume', session],
};

/**
 * The command line of a shell by which a person continues an agent's conversation with its own CLI, in its worktree.
 * Absent for a CLI that cannot be asked to.
 */
export function resumeByHand(agent: {
  readonly type: string | undefined;
  readonly command: string;
  readonly session: string | undefined;
  readonly worktree: string | undefined;
  /** Where a sandbox kept what the CLI remembers; absent: in the person's own home. */
  readonly home: string | undefined;
}): string | undefined {
  const { type, command, session, worktree, home } = agent;
  const args = type === undefined ? undefined : ARGUMENTS[type];
  if (args === undefined || session === undefined) return undefined;
  const inHome = home === undefined ? '' : `HOME=${quoted(home)} `;
  const line = inHome + [command, ...args(session)].map(quoted).join(' ');
  return worktree === undefined ? line : `cd ${quoted(worktree)} && ${line}`;
}

/** A session's id comes from a CLI's output: it is one word, whatever is in it. */
function quoted(word: string): string {
  return /^[\w./:@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

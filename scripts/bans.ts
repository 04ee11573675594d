/** Text that may not stand in some files, why, and where it may all the same. */
export interface Ban {
  readonly name: string;
  /** What a person who ran into it should know: the reason, then the way out. */
  readonly reason: string;
  readonly files: RegExp;
  /** Every match is a violation. Needs the flag `g`. */
  readonly pattern: RegExp;
  /** Path → why it may. An entry that nothing needs any more is a violation too, so the list only shrinks. */
  readonly allowed: Readonly<Record<string, string>>;
}

const CODE = /\.(ts|mts|mjs|js|tsx)$/;
const SHIPPED = /^src\/(?!.*\.test\.ts$).*\.ts$/;
const TESTS = /(\.test\.ts$)|(^test\/.*\.ts$)/;

export const BANS: readonly Ban[] = [
  {
    name: 'no-shell-strings',
    reason:
      'A shell would read names and texts of others as commands. Pass an argv array to spawn or execFile.',
    files: CODE,
    pattern:
      /\bshell:\s*(true|'\/)|import\s*\{[^}]*\bexec(Sync)?\b[^}]*\}\s*from\s*'(node:)?child_process'|import\s+(\*\s+as\s+)?\w+\s+from\s*'(node:)?child_process'|\b(import|require)\(\s*'(node:)?child_process'/g,
    allowed: {
      'bin/cw.mjs': 'Takes spawn alone, and late: on a newer Node it is not needed.',
    },
  },
  {
    name: 'no-shell-lines',
    reason: 'Only a command line of the project’s owner may reach a shell, in one place; see docs/adr/0005.',
    files: SHIPPED,
    pattern: /'(\/bin\/)?(ba|z|da)?sh'\s*,\s*(args:\s*)?\[?\s*'-\w*c'/g,
    allowed: {
      'src/adapters/process/gate.ts': 'A constant line: it waits and becomes the program.',
      'src/adapters/command-runner/run-command.ts': 'The one place: verify lines of the project’s owner.',
    },
  },
  {
    name: 'no-machine-paths',
    reason: 'It exists on one machine only. Use a path relative to the file, or a temporary directory.',
    files: /./,
    pattern: /(?<![\w.$}/-])\/(work|root|Users\/[a-z]\w*|home\/(?!user\b)[a-z][\w-]*)\/[\w.-]+/g,
    allowed: {},
  },
  {
    name: 'no-registry-hosts',
    reason: 'Which registry serves the packages is the installing machine’s choice. Leave the address out.',
    files: /./,
    pattern: /\bregistry\.[a-z0-9-]+\.[a-z]{2,}\b|\b(artifactory|nexus|verdaccio)\.[a-z0-9-]+\.[a-z]{2,}\b/gi,
    allowed: {},
  },
  {
    name: 'no-lock-addresses',
    reason:
      'The lock file would tie every machine to one registry. Run npm install with the .npmrc of this project.',
    files: /(^|\/)package-lock\.json$/,
    pattern: /"resolved":\s*"https?:/g,
    allowed: {},
  },
  {
    name: 'no-focused-tests',
    reason: 'A test that does not run proves nothing. Take the mark away, or the test.',
    files: TESTS,
    pattern: /\b(test|it|describe|suite|t|context)\.(only|skip|todo)\(|\b(only|skip|todo):\s*(true|')/g,
    allowed: {},
  },
  {
    name: 'no-sleep-in-tests',
    reason:
      'A test that waits for time is slow when it works and wrong when the machine is. Wait for the event.',
    files: TESTS,
    pattern:
      /await\s+(sleep|delay|setTimeout|wait)\(\s*[\d(]|setTimeout\(\s*(resolve|res|r|done|ok|fulfil)\b|Atomics\.wait\(/g,
    allowed: {
      'test/agents/launcher.test.ts':
        'A reader pauses for longer than the limit of silence, which must count the program’s silence only.',
    },
  },
  {
    name: 'late-imports-are-ours',
    reason:
      'The bundler gives a late import of a CommonJS package no names. Import a file of ours late, which imports the package.',
    files: SHIPPED,
    pattern: /\bimport\(\s*'(?!\.{1,2}\/|node:)/g,
    allowed: {},
  },
];

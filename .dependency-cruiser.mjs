// The arrows of ARCHITECTURE.md: main → surfaces → core ← adapters. `test/house/layers.test.ts` proves that each
// rule can go red. Type-only imports count, because a type is knowledge too.
const TESTS = '(\\.test\\.ts$)|(^test/)|(^bench/)|(^chaos/)|(^sim/)';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'core-does-no-io',
      severity: 'error',
      comment:
        'Core decides from plain values. What needs the outside takes a port instead: see ARCHITECTURE.md.',
      from: { path: '^src/core/', pathNot: TESTS },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'core-imports-only-zod',
      severity: 'error',
      comment: 'Core must run anywhere and be tested without anything; zod is its one package.',
      from: { path: '^src/core/', pathNot: TESTS },
      to: { path: 'node_modules/', pathNot: 'node_modules/zod/' },
    },
    {
      name: 'core-knows-no-ring',
      severity: 'error',
      comment: 'Dependencies point inward: adapters and surfaces know the core, never the other way round.',
      from: { path: '^src/core/', pathNot: TESTS },
      to: { path: '^src/(adapters|surfaces)/' },
    },
    {
      name: 'adapters-never-meet',
      severity: 'error',
      comment:
        'An adapter knows one technology. What two of them share is a port of the core or a file of src/main.',
      from: { path: '^src/adapters/([^/]+)/', pathNot: TESTS },
      to: { path: '^src/adapters/', pathNot: '^src/adapters/$1/' },
    },
    {
      name: 'adapters-know-no-surface',
      severity: 'error',
      comment:
        'An adapter implements ports of the core; who asks, and through which door, is none of its business.',
      from: { path: '^src/adapters/', pathNot: TESTS },
      to: { path: '^src/surfaces/' },
    },
    {
      name: 'surfaces-know-no-adapter',
      severity: 'error',
      comment:
        'A surface speaks to ports, so that every door works on every technology. src/main hands them in.',
      from: { path: '^src/surfaces/', pathNot: TESTS },
      to: { path: '^src/adapters/' },
    },
    {
      name: 'only-programs-import-main',
      severity: 'error',
      comment: 'src/main chooses adapters and starts things; whoever imports it would choose them too.',
      from: { path: '^src/', pathNot: ['^src/main/', TESTS] },
      to: { path: '^src/main/' },
    },
    {
      name: 'programs-import-no-tests',
      severity: 'error',
      comment: 'What ships must not need what does not.',
      from: { path: '^src/', pathNot: TESTS },
      to: { path: ['^test/', '^bench/', '^chaos/', '^sim/', '^scripts/', '\\.test\\.ts$'] },
    },
    {
      name: 'nothing-unresolvable',
      severity: 'error',
      comment: 'An import that the checker cannot follow is one that it cannot judge.',
      from: {},
      // bun:sqlite and the like have no file, and pg-native is never installed.
      to: { couldNotResolve: true, pathNot: '^pg-native$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|test/fixtures)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};

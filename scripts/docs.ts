import { resolve } from 'node:path';
import { writeApiReference } from './api-reference.ts';
import { writeCommandList } from './command-list.ts';
import { writeKeyTable } from './key-table.ts';
import { writeRequirementsTable } from './requirements-table.ts';

/** Rewrites what is generated in the docs: `npm run docs`. */
const root = resolve('.');
await writeCommandList(root);
await writeKeyTable(root);
await writeApiReference(root);
console.log(await writeRequirementsTable(root));

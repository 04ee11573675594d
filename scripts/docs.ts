import { resolve } from 'node:path';
import { writeCommandList } from './command-list.ts';
import { writeRequirementsTable } from './requirements-table.ts';

/** Rewrites what is generated in the docs: `npm run docs`. */
const root = resolve('.');
await writeCommandList(root);
console.log(await writeRequirementsTable(root));

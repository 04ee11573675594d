import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { Operation } from '../src/core/api/roles.ts';
import { SERVER_OPERATIONS } from '../src/core/server/operations.ts';
import { apiRouter } from '../src/surfaces/api/router.ts';
import { serverRouter } from '../src/surfaces/api/server-router.ts';

export const API_REFERENCE = join('docs', 'api.md');

const [BEGIN, END] = ['<!-- api: begin -->', '<!-- api: end -->'];
/** Longer lists of values are left to the schema. */
const MOST_VALUES = 12;

interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly description?: string;
}

interface Procedure {
  readonly _def: {
    readonly inputs: readonly z.ZodType[];
    readonly meta?: { readonly operation: Operation; readonly does: string; readonly gives: string };
  };
}

/** Rewrites the generated part of docs/api.md. */
export async function writeApiReference(root: string): Promise<void> {
  const path = join(root, API_REFERENCE);
  await writeFile(path, withApiReference(await readFile(path, 'utf8')));
}

/** The page with every procedure that the routers have. */
export function withApiReference(page: string): string {
  const [before, after] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (before === -1 || after === -1) throw new Error(`${API_REFERENCE} has no part to be generated`);
  return `${page.slice(0, before + BEGIN.length)}\n${reference()}\n${page.slice(after)}`;
}

function reference(): string {
  const procedures = Object.entries(apiRouter._def.procedures) as unknown as [string, Procedure][];
  const areas = Map.groupBy(procedures, ([path]) => (path.includes('.') ? (path.split('.')[0] ?? '') : ''));
  const projects = [...areas]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([area, entries]) => areaText(area, entries));
  return [...projects, serverText()].join('\n\n');
}

function areaText(area: string, entries: readonly (readonly [string, Procedure])[]): string {
  return [
    `### ${area === '' ? 'The project' : area}`,
    ...entries.map(([, procedure]) => procedureText(procedure)),
  ].join('\n\n');
}

function procedureText({ _def: { meta, inputs } }: Procedure): string {
  if (meta === undefined) throw new Error('A procedure says nothing of itself');
  const { operation, does, gives } = meta;
  const head = `#### \`${operation.path}\`\n\n${operation.kind}, ${operation.role}. ${does}`;
  return [head, inputText(inputs[0]), `Answer: ${gives}`].filter((part) => part !== '').join('\n\n');
}

function serverText(): string {
  const entries = Object.entries(serverRouter._def.procedures) as unknown as [string, Procedure][];
  const inputs = new Map(entries.map(([path, { _def: def }]) => [path, def.inputs[0]]));
  const parts = Object.values(SERVER_OPERATIONS).map(({ path, kind, role }) =>
    [`#### \`${path}\``, `${kind}, ${role}.`, inputText(inputs.get(path))]
      .filter((part) => part !== '')
      .join('\n\n'),
  );
  return ['### The server itself', 'Below `/server/` in the place of `/trpc/`.', ...parts].join('\n\n');
}

/** A table of the fields; empty when it takes none. */
function inputText(input: z.ZodType | undefined): string {
  if (input === undefined) return '';
  const { properties = {}, required = [] } = z.toJSONSchema(input, {
    io: 'input',
    unrepresentable: 'any',
  }) as Schema;
  const rows = Object.entries(properties).map(([name, field]) => {
    const is = required.includes(name) ? 'yes' : '';
    return `| \`${name}\` | ${typeText(field)} | ${is} | ${field.description ?? ''} |`;
  });
  if (rows.length === 0) return '';
  return ['| field | type | needed | |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function typeText(schema: Schema): string {
  if (schema.enum !== undefined) {
    if (schema.enum.length > MOST_VALUES) return 'text';
    return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  }
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(typeText))].join(' or ');
  switch (schema.type) {
    case 'array':
      return schema.items === undefined ? 'list' : `list of ${typeText(schema.items)}`;
    case 'object':
      return 'map';
    case 'string':
      return 'text';
    case 'integer':
      return 'whole number';
    case 'boolean':
      return 'true or false';
    default:
      return String(schema.type ?? 'anything');
  }
}

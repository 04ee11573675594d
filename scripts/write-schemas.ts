import { writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { configFile } from '../src/core/config/schema.ts';
import { roadmapShape } from '../src/core/roadmap/shape.ts';

const DIRECTORY = new URL('../schema/', import.meta.url);

/** The JSON Schemas that editors use, by file name, as they must be in `schema/`. */
export function schemas(): Readonly<Record<string, string>> {
  return {
    'config.schema.json': schemaText(
      configFile,
      'Codewalk config',
      '.codewalk/config.json, in a project or in the home directory.',
    ),
    'roadmap.schema.json': schemaText(roadmapShape, 'Codewalk roadmap', 'roadmap.yaml: what is to be done.'),
  };
}

function schemaText(schema: z.ZodType, title: string, description: string): string {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  const json = JSON.stringify({ $schema, title, description, ...rest }, undefined, 2);
  // As the formatter has it: lists of words on one line.
  const word = '(?:"[^"]*"|\\d+)';
  return `${json.replace(new RegExp(`\\[\\s+(${word}(?:,\\s+${word})*)\\s+\\]`, 'g'), (_, words: string) => `[${words.replace(/\s+/g, ' ')}]`)}\n`;
}

if (import.meta.main) {
  for (const [name, text] of Object.entries(schemas())) await writeFile(new URL(name, DIRECTORY), text);
}

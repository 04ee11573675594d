import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const FILE = 'codewalk.ready.json';

/** What a worktree was made ready with. */
const readyRecord = z.object({
  key: z.string(),
  seeds: z.array(z.object({ key: z.string(), paths: z.array(z.string()), digests: z.array(z.string()) })),
});
export type ReadyRecord = z.infer<typeof readyRecord>;

/** `undefined` when the worktree was never made ready, or the record is damaged. */
export function readRecord(directory: string): ReadyRecord | undefined {
  try {
    return readyRecord.parse(JSON.parse(readFileSync(join(directory, FILE), 'utf8')));
  } catch {
    return undefined;
  }
}

export function writeRecord(directory: string, value: ReadyRecord): void {
  const path = join(directory, FILE);
  writeFileSync(`${path}.new`, JSON.stringify(value));
  renameSync(`${path}.new`, path);
}

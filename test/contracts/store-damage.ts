import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readFileSync, rmSync, statSync, truncateSync, writeSync } from 'node:fs';

/** What is done to the files of a SQLite database: to its log when a writer was killed, to the file after a clean end. */
export type Damage =
  | 'wal cut in half'
  | 'one bit of the wal flipped'
  | 'wal deleted'
  | 'garbage in the wal'
  | 'file cut in half'
  | 'garbage in a page'
  | 'garbage in the header'
  | 'file emptied';

export const WAL_DAMAGES: readonly Damage[] = [
  'wal cut in half',
  'one bit of the wal flipped',
  'wal deleted',
  'garbage in the wal',
];
export const FILE_DAMAGES: readonly Damage[] = [
  'file cut in half',
  'garbage in a page',
  'garbage in the header',
  'file emptied',
];

const PAGE = 4_096;

export function doDamage(file: string, damage: Damage): void {
  DAMAGE[damage](file, `${file}-wal`);
}

const DAMAGE: Readonly<Record<Damage, (file: string, wal: string) => void>> = {
  'wal cut in half': (_file, wal) => truncateSync(wal, Math.floor(statSync(wal).size / 2)),
  'one bit of the wal flipped': (_file, wal) => {
    const at = Math.floor(statSync(wal).size / 2);
    overwrite(wal, at, Buffer.from([(readFileSync(wal)[at] ?? 0) ^ 0x10]));
  },
  'wal deleted': (_file, wal) => rmSync(wal),
  'garbage in the wal': (_file, wal) => overwrite(wal, 0, randomBytes(statSync(wal).size)),
  'file cut in half': (file) => truncateSync(file, Math.floor(statSync(file).size / PAGE / 2) * PAGE),
  'garbage in a page': (file) =>
    overwrite(file, (Math.floor(statSync(file).size / PAGE) - 2) * PAGE, randomBytes(PAGE)),
  'garbage in the header': (file) => overwrite(file, 0, randomBytes(100)),
  'file emptied': (file) => truncateSync(file, 0),
};

function overwrite(path: string, at: number, bytes: Uint8Array): void {
  const file = openSync(path, 'r+');
  try {
    writeSync(file, bytes, 0, bytes.length, at);
  } finally {
    closeSync(file);
  }
}

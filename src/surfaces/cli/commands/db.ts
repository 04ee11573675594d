import { resolve } from 'node:path';
import { LOCAL_PERSON, nameOf } from '../../../core/api/actor.ts';
import { type BackupRecord, isSound } from '../../../core/storage/report.ts';
import type { Action } from '../actions.ts';
import type { CliContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { byteCount, count, duration, isoTime } from '../format.ts';
import { textOption } from '../input.ts';
import { printJson, printLines } from '../print.ts';
import { safeLine } from '../safe-text.ts';
import { table } from '../table.ts';

export const dbInfo: Action = async (context) => {
  const info = await context.services.storage.info();
  if (context.json) {
    printJson(context, {
      ...info,
      state: info.state ?? null,
      seen: info.seen ?? null,
      backups: info.backups.map(backupJson),
    });
    return EXIT.ok;
  }
  const { state } = info;
  printLines(context, [
    `Database  ${safeLine(info.place)}`,
    ...(state === undefined
      ? ['State     none yet']
      : [
          `State     ${count(state.tasks, 'task')}, ${count(state.events, 'event')}, schema ${state.schema}${state.bytes === undefined ? '' : `, ${byteCount(state.bytes)}`}`,
        ]),
    ...(info.seen === undefined ? [] : [`Seen      event ${info.seen}`]),
    '',
    ...(info.backups.length === 0
      ? ['There are no backups. Make one: cw db backup']
      : backupRows(context, info.backups)),
  ]);
  return EXIT.ok;
};

export const dbVerify: Action = async (context, { args }) => {
  const file = textOption(args[0]);
  const { services, paint } = context;
  const report = await services.storage.verify(
    file === undefined ? undefined : resolve(context.directory, file),
  );
  const sound = isSound(report);
  if (context.json) printJson(context, { ok: sound, ...report });
  else {
    printLines(context, [
      safeLine(report.place),
      ...report.findings.map(
        ({ check, ok, detail }) =>
          `${paint(ok ? 'green' : 'red', ok ? 'ok  ' : 'fail')}  ${check.padEnd(8)}  ${safeLine(detail)}`,
      ),
      '',
      sound
        ? 'All of it is whole.'
        : 'Bring a backup back with cw db restore <file>. cw db info lists those there are.',
    ]);
  }
  return sound ? EXIT.ok : EXIT.failed;
};

export const dbBackup: Action = async (context, { args }) => {
  const file = textOption(args[0]);
  const { storage } = context.services;
  const record = await storage.backUp(file === undefined ? undefined : resolve(context.directory, file));
  if (context.json) printJson(context, backupJson(record));
  else {
    const { events, tasks, bytes } = record;
    printLines(context, [
      `${safeLine(record.file)}: ${count(tasks, 'task')}, ${count(events, 'event')}, ${byteCount(bytes)}, checked.`,
    ]);
  }
  return EXIT.ok;
};

export const dbRestore: Action = async (context, { args, options }) => {
  const file = resolve(context.directory, String(args[0]));
  const restored = await context.services.storage.restore(file, {
    force: options.force === true,
    by: nameOf(LOCAL_PERSON),
  });
  const { backup, before, kept, given, merged } = restored;
  if (context.json) {
    printJson(context, { backup: backupJson(backup), before, kept: kept ?? null, given, merged });
    return EXIT.ok;
  }
  printLines(context, [
    `The state is that of ${isoTime(backup.at)}: ${count(backup.tasks, 'task')}, ${count(backup.events, 'event')}.`,
    ...(kept === undefined ? [] : [`What was there is kept in ${safeLine(kept)}`]),
    ...(given.length === 0 ? [] : [`Given back, to be done again: ${safeLine(given.join(', '))}`]),
    ...mergedLine(merged),
    'Go on with: cw run',
  ]);
  return EXIT.ok;
};

export const dbAccept: Action = async (context) => {
  const { lost, endsAt, merged } = await context.services.storage.accept(nameOf(LOCAL_PERSON));
  if (context.json) printJson(context, { lost, endsAt, merged });
  else {
    printLines(context, [
      lost > 0
        ? `Going on without ${count(lost, 'event')}, from event ${endsAt}.`
        : 'Going on with what is there.',
      ...mergedLine(merged),
    ]);
  }
  return EXIT.ok;
};

function mergedLine(merged: readonly string[]): string[] {
  return merged.length === 0 ? [] : [`Done, because git has the merge: ${safeLine(merged.join(', '))}`];
}

function backupJson({ at, ...record }: BackupRecord): Record<string, unknown> {
  return { ...record, at: isoTime(at) };
}

function backupRows(context: CliContext, backups: readonly BackupRecord[]): string[] {
  const now = context.services.now();
  return table({
    columns: [
      { title: 'BACKUP', flexible: true },
      { title: 'AGE', side: 'right' },
      { title: 'TASKS', side: 'right' },
      { title: 'EVENTS', side: 'right' },
      { title: 'SIZE', side: 'right' },
    ],
    rows: backups.map(({ file, at, tasks, events, bytes }) => [
      { text: safeLine(file) },
      { text: duration(now - at) },
      { text: String(tasks) },
      { text: String(events) },
      { text: byteCount(bytes) },
    ]),
    width: context.io.columns(),
    paint: context.paint,
  });
}

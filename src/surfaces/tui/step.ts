import type { App, Effect } from './app.ts';
import type { Opened } from './dialogs/dialog.ts';
import type { Ui } from './ui.ts';

/** The next app, and what is to be done outside of it. */
export interface Step {
  readonly app: App;
  readonly effects: readonly Effect[];
}

/** Only what is seen changes. */
export function seen(app: App, ui: Partial<Ui>): Step {
  return { app: { ...app, ui: { ...app.ui, ...ui } }, effects: [] };
}

export function opened(app: App, { dialog, effects }: Opened): Step {
  return { app: { ...app, dialog }, effects };
}

export function noticed(app: App, text: string): Step {
  return seen(app, { notice: { text, look: 'notice' } });
}

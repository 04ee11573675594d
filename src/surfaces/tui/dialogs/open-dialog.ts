import { addTask, editTask, undoEdit } from './add-task.ts';
import { answerQuestions } from './answer.ts';
import { dismissOrchestrator, resumeProvider } from './crew-commands.ts';
import { deliverWork } from './deliver.ts';
import type { Opened, Size } from './dialog.ts';
import { showDiff } from './diff.ts';
import { openForm } from './form-dialog.ts';
import { writeComment, writeMessage } from './message.ts';
import { pauseProject, pauseTasks } from './pause.ts';
import { decidePlan } from './plan.ts';
import { reviewWork } from './review.ts';
import { takeRoadmap } from './roadmap.ts';
import { showSettings } from './settings.ts';
import { cancelTasks, retryTasks } from './task-commands.ts';

/** A dialog by what it is for. */
export type DialogRequest =
  | { readonly kind: 'answer'; readonly task: string; readonly question?: string }
  | {
      readonly kind: 'review';
      readonly task: string;
      readonly verdict: 'approved' | 'rejected';
      readonly commit?: string;
    }
  | { readonly kind: 'diff'; readonly task: string }
  | { readonly kind: 'comment'; readonly task: string; readonly file?: string; readonly line?: number }
  | { readonly kind: 'message'; readonly to: string; readonly replyTo?: string }
  | { readonly kind: 'add-task'; readonly into?: string }
  | { readonly kind: 'edit-task'; readonly task: string }
  | { readonly kind: 'retry' | 'cancel'; readonly tasks: readonly string[] }
  | { readonly kind: 'pause-tasks'; readonly tasks: readonly string[] }
  | { readonly kind: 'pause-project'; readonly atWork: number }
  /** `name`: of the provider or its account. */
  | { readonly kind: 'resume-account'; readonly name?: string }
  | { readonly kind: 'dismiss'; readonly id?: string }
  | { readonly kind: 'decide-plan'; readonly plan: string }
  | { readonly kind: 'take-roadmap' | 'undo-edit' | 'deliver' | 'settings' };

/** Begins the dialog that is asked for; `size`: of the screen. */
export function openDialog(request: DialogRequest, size: Size): Opened {
  switch (request.kind) {
    case 'answer':
      return openForm(answerQuestions(request));
    case 'review':
      return openForm(reviewWork(request));
    case 'diff':
      return showDiff({ ...request, size });
    case 'comment':
      return openForm(writeComment(withoutKind(request)));
    case 'message':
      return openForm(writeMessage(request));
    case 'add-task':
      return openForm(addTask(request));
    case 'edit-task':
      return openForm(editTask(request));
    case 'retry':
      return openForm(retryTasks(request));
    case 'cancel':
      return openForm(cancelTasks(request));
    case 'pause-tasks':
      return openForm(pauseTasks(request));
    case 'pause-project':
      return openForm(pauseProject(request));
    case 'resume-account':
      return openForm(resumeProvider(request));
    case 'dismiss':
      return openForm(dismissOrchestrator(request));
    case 'decide-plan':
      return openForm(decidePlan(request));
    case 'take-roadmap':
      return openForm(takeRoadmap());
    case 'undo-edit':
      return openForm(undoEdit());
    case 'deliver':
      return openForm(deliverWork());
    case 'settings':
      return showSettings({ size });
  }
}

function withoutKind<T extends { kind: string }>({ kind: _, ...rest }: T): Omit<T, 'kind'> {
  return rest;
}

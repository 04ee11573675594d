import { resolve } from 'node:path';
import type { Action } from '../actions.ts';
import type { DemoOptions } from '../context.ts';
import { textOption } from '../input.ts';

export const demo: Action = async (context, { args, options }) => {
  const directory = textOption(args[0]);
  return await context.services.setup.demo(context, {
    directory: directory === undefined ? undefined : resolve(context.directory, directory),
    agent: options.agent as DemoOptions['agent'],
    run: options.run !== false,
  });
};

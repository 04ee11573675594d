import { initTRPC, TRPCError } from '@trpc/server';
import * as z from 'zod';
import { type Actor, isServerWide, reaches } from '../../core/api/actor.ts';
import { mayCall, type Operation } from '../../core/api/roles.ts';
import { errorFacts } from '../../core/error-facts.ts';
import { CodewalkError } from '../../core/errors.ts';
import { SERVER_OPERATIONS } from '../../core/server/operations.ts';
import type { ServerApi } from '../../core/server/ports.ts';

export interface ServerContext {
  readonly actor: Actor;
  readonly server: ServerApi;
}

const t = initTRPC.context<ServerContext>().create({
  // Where it was thrown is for the log of the server alone.
  isDev: false,
  errorFormatter: ({ shape, error: { cause, code } }) => {
    if (cause instanceof CodewalkError)
      return { ...shape, data: { ...shape.data, error: errorFacts(cause) } };
    return code === 'INTERNAL_SERVER_ERROR' ? { ...shape, message: 'It failed; the log says why.' } : shape;
  },
});

/** A procedure for those who have at least that role. An agent at work is nobody here. */
function procedure(operation: Pick<Operation, 'path' | 'role'>) {
  return t.procedure.use(async ({ ctx, next, type }) => {
    if (!mayCall(ctx.actor, operation)) {
      const { path, role } = operation;
      throw new TRPCError({ code: 'FORBIDDEN', message: `${path} needs the role ${role}` });
    }
    if (type === 'mutation' && !isServerWide(ctx.actor)) {
      const message = `${operation.path} is not for a token of single projects`;
      throw new TRPCError({ code: 'FORBIDDEN', message });
    }
    const result = await next();
    if (!result.ok && result.error.cause instanceof CodewalkError) {
      const { message, cause } = result.error;
      throw new TRPCError({ code: 'BAD_REQUEST', message, cause });
    }
    return result;
  });
}

const root = z.string().startsWith('/').max(4_096);
const { info, addProject, removeProject, stop } = SERVER_OPERATIONS;

/** The server itself, projects aside: see `SERVER_OPERATIONS` for who may. */
export const serverRouter = t.router({
  info: procedure(info).query(async ({ ctx }) => {
    const found = await ctx.server.info();
    return { ...found, projects: found.projects.filter(({ root: each }) => reaches(ctx.actor, each)) };
  }),
  addProject: procedure(addProject)
    .input(z.strictObject({ root, runs: z.boolean() }))
    .mutation(({ ctx, input }) => ctx.server.addProject(input)),
  removeProject: procedure(removeProject)
    .input(z.strictObject({ root }))
    .mutation(({ ctx, input }) => ctx.server.removeProject(input)),
  stop: procedure(stop)
    .input(z.strictObject({ reason: z.string().max(200) }))
    .mutation(({ ctx, input }) => ctx.server.stop(input)),
});

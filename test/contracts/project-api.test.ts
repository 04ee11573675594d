import { remoteProject } from '../../src/surfaces/api/remote-project.ts';
import { serve } from '../api/rig.ts';
import { projectApiContract } from './project-api.ts';

projectApiContract('in this process', async (_t, { services }) => await services.api());
projectApiContract('over a socket', async (t, { services, repo }) =>
  remoteProject((await serve(t, { services, root: repo.root })).door),
);

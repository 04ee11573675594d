import { basename } from 'node:path';

/**
 * The project's name without parsing the roadmap: a plain `project:` line at the top level of its text, else the
 * name of the directory. A roadmap that writes it in another way names the project in the config.
 */
export function projectName(roadmapText: string | undefined, root: string): string {
  const line = roadmapText?.match(
    /^project:[ \t]*(["']?)([A-Za-z0-9][A-Za-z0-9._-]{0,63})\1[ \t]*(?:#.*)?\r?$/m,
  );
  return line?.[2] ?? basename(root);
}

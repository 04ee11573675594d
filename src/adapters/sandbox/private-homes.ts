import { join } from 'node:path';

/** Where the private directories of the tasks lie in the checkout at `root`, one below the other. */
export function homesOf(root: string): string {
  return join(root, '.codewalk', 'state', 'homes');
}

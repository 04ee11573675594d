/** Variables in which an agent finds its door, and below which path its calls are. */
export const SOCKET = 'CW_SOCKET';
export const TOKEN = 'CW_TOKEN';
export const CALL_PATH = '/agent/';

export type Env = Readonly<Record<string, string | undefined>>;

/** Is this process part of an agent's turn? */
export function hasDoor(env: Env): boolean {
  return Boolean(env[SOCKET] && env[TOKEN]);
}

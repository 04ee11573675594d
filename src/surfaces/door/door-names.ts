/** Variables in which an agent finds its door, and below which path its calls are. */
export const SOCKET = 'CW_SOCKET';
export const TOKEN = 'CW_TOKEN';
export const CALL_PATH = '/agent/';

/** The kinds of agent CLI that can be driven; `command` is any program. */
export const PROVIDER_TYPES = ['claude', 'codex', 'goose', 'command'] as const;

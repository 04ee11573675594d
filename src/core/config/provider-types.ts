/** The kinds of agent CLI that can be driven; `acp` is any that speaks that protocol, `command` any program. */
export const PROVIDER_TYPES = ['claude', 'codex', 'goose', 'acp', 'command'] as const;

/**
 * What an id in a roadmap may be: safe as a file name, as part of a git ref (see `taskBranch`) and as an
 * argument, because it cannot begin with a dash or a dot and holds no slash. In a file of its own, so that a command
 * that only looks at an id does not load what checks whole files.
 */
export const ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

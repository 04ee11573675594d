/** Names the project that a request is about, by its root, percent-encoded: a header holds no other characters. */
export const PROJECT_HEADER = 'codewalk-project';

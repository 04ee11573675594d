import type { PageText } from './print-page.ts';

/** What a person finds in the inbox before anything else. */
export const INBOX_README: PageText = {
  head: [['about', 'the inbox of Codewalk']],
  body: `# Inbox

Each open question, approval and message is a file here.

- **Answer** a question: write below \`## Your answer\` and save. The number of a choice will do.
- **Approve** work: write \`approve\`, or \`reject:\` and why.
- **Read** a message: delete its file. Or write below \`## Your reply\`.
- **Send** a message: make a file \`to-<task>.md\` with your text in it. Or any name, with \`to:\` in the front matter:

\`\`\`
---
to: orchestrator
---
Take the simplest way.
\`\`\`

\`to\` is the id of a task, \`orchestrator\` or \`everyone\`. What is settled lies in \`done/\`.

A file is read when it has rested for a moment (\`roadmap.stabilityMs\`). What cannot be taken gets a \`.warning.txt\`
beside it that says why.`,
};

/** The roadmap that `cw init` writes: it shows what a task looks like and has none yet. */
export function starterRoadmap(project: string | undefined): string {
  return `# yaml-language-server: $schema=.codewalk/schema/roadmap.schema.json
# What Codewalk should do. Edit it at any time, also while \`cw run\` is at work.
version: 1
${project === undefined ? '# project: my-project' : `project: ${project}`}

# Each task is done by one agent in a git worktree of its own and merged when it is finished.
# Take the "#" off the examples, or add tasks with: cw task add "Title" --prompt "What to do"
tasks: []
#  - id: greeting
#    title: Greeting
#    prompt: |
#      Create src/greeting.ts with a function greet(name) that returns "Hello, <name>!", and a test for it.
#    files: [src/greeting.ts]        # what it will write: two tasks never write the same file at once
#    verify: npm test                # must succeed on the merged result
#
#  - id: greeting-docs
#    title: Document the greeting
#    prompt: Describe greet() in README.md.
#    depends_on: [greeting]          # starts when "greeting" is merged
#    priority: low                   # critical, high, medium or low
`;
}

/** The config that `cw init` writes: nothing but the schema, so that editors offer the keys. */
export const STARTER_CONFIG = '{\n  "$schema": "./schema/config.schema.json"\n}\n';

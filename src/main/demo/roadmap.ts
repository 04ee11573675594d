/** The demo's roadmap.yaml: written to be read, and prompts that a real agent can follow as well. */
export const ROADMAP = `# The roadmap of the demo: what should be done with this small library.
# Edit it at any time; \`cw roadmap check\` names mistakes, \`cw run\` works on what is new.
version: 1
project: textkit

# For every task that does not say otherwise. Verify must exit 0 on the merged result before a merge counts.
defaults:
  agent: coder
  verify: node --test test/*.test.mjs

phases:
  - id: "1"
    title: Functions
    goal: Five functions, each tested, and all of them exported
    plans:
      # Wave 1: five tasks that need nothing from each other, so they run side by side.
      - id: functions
        title: One function each
        wave: 1
        tasks:
          # A workflow of three steps: a coder, a reviewer who may send the work back, a tester.
          - id: title-case
            title: Title case
            workflow: reviewed
            priority: critical
            files: [src/title-case.mjs, test/title-case.test.mjs]
            prompt: |
              Create src/title-case.mjs. It exports titleCase(text), which begins each word with a capital letter
              and writes the rest of it small. The words a, an, and, of, or, the, to stay small, unless one is the
              first word. Write its tests in test/title-case.test.mjs, with node:test as in test/words.test.mjs.
              Leave src/index.mjs alone: another task exports the function.
            exit_criteria:
              - test/title-case.test.mjs tests small words at the beginning and in the middle

          - id: slug
            title: Slugs
            priority: high
            files: [src/slug.mjs, test/slug.test.mjs]
            prompt: |
              Create src/slug.mjs. It exports slug(text), which turns "Hello, World!" into "hello-world": the words
              of the text (use words from ./words.mjs) in small letters, without apostrophes, joined by dashes.
              Write its tests in test/slug.test.mjs, with node:test as in test/words.test.mjs.
              Leave src/index.mjs alone: another task exports the function.

          # A pair with a file lock: both write src/stats.mjs, so the second waits until the first is merged.
          - id: count-words
            title: Word count
            files: [src/stats.mjs, test/stats.test.mjs]
            prompt: |
              In src/stats.mjs (create it if it is not there) export wordCount(text): how many words the text has,
              by words from ./words.mjs. Keep what the file exports already.
              Test it in test/stats.test.mjs (create it if it is not there), with node:test.
              Leave src/index.mjs alone: another task exports the function.

          - id: reading-time
            title: Reading time
            files: [src/stats.mjs, test/stats.test.mjs]
            prompt: |
              In src/stats.mjs (create it if it is not there) export readingMinutes(text): the minutes it takes to
              read the text at 200 words a minute, rounded up, and 0 for a text without words. Use words from
              ./words.mjs. Keep what the file exports already.
              Test it in test/stats.test.mjs (create it if it is not there), with node:test.
              Leave src/index.mjs alone: another task exports the function.

          - id: truncate
            title: Truncate
            priority: low
            files: [src/truncate.mjs, test/truncate.test.mjs]
            prompt: |
              Create src/truncate.mjs. It exports truncate(text, max): the text itself when it has at most max
              characters, else as many whole words as fit, with "…" behind them, at most max characters in all.
              Write its tests in test/truncate.test.mjs, with node:test as in test/words.test.mjs.
              Leave src/index.mjs alone: another task exports the function.

      # Wave 2 waits for all of wave 1. Both tasks add lines at the same place of src/index.mjs and no lock keeps
      # them apart: the second one to merge gets a conflict, and its agent resolves it.
      - id: exports
        title: One place for all functions
        wave: 2
        tasks:
          - id: export-shape
            title: Export the functions that shape text
            prompt: |
              Export slug, titleCase and truncate from src/index.mjs: add one line for each at the end of the file,
              like the line for words. Test in test/export-shape.test.mjs that src/index.mjs offers them.

          - id: export-stats
            title: Export the functions that measure text
            prompt: |
              Export wordCount and readingMinutes from src/index.mjs: add one line for each at the end of the file,
              like the line for words. Test in test/export-stats.test.mjs that src/index.mjs offers them.

  - id: "2"
    title: Release
    depends_on: ["1"]
    tasks:
      - id: cli
        title: Command line
        priority: high
        files: [src/cli.mjs, test/cli.test.mjs]
        verify: node --test test/*.test.mjs && node src/cli.mjs slug "Hello, World!"
        prompt: |
          Create src/cli.mjs: node src/cli.mjs slug "Hello, World!" calls the function of src/index.mjs that is named
          first with the text behind it, and prints what it returns. An unknown name prints the known ones on
          standard error and exits with 2. Test both in test/cli.test.mjs by starting the program.

      # Its agent is told what the tasks of phase 1 left behind, and writes it down.
      - id: changelog
        title: Changelog
        files: [CHANGELOG.md]
        prompt: |
          Write CHANGELOG.md: a heading "# Changelog", below it "## 0.2.0", and below that one line for each task
          that was done before this one, as "- <title>: <what it made>".

      - id: release
        title: Version 0.2.0
        depends_on: [cli, changelog]
        files: [package.json, README.md, test/release.test.mjs]
        prompt: |
          Set the version in package.json to 0.2.0, and list the functions of src/index.mjs in README.md below a
          heading "## Functions". Test in test/release.test.mjs that CHANGELOG.md has a heading for the version of
          package.json.
        exit_criteria:
          - every function of src/index.mjs is named in README.md
`;

/** One thing that keys do in a dialog. */
export interface DialogKey {
  readonly keys: readonly string[];
  readonly help: string;
}

/** The keys of what stands on top of the panes, by where they mean something. Like `KEYS` they feed dispatcher, help and guide. */
export const DIALOG_KEYS = {
  list: {
    down: { keys: ['j', 'down'], help: 'a row down' },
    up: { keys: ['k', 'up'], help: 'a row up' },
    halfDown: { keys: ['ctrl+d'], help: 'half a screen down' },
    halfUp: { keys: ['ctrl+u'], help: 'half a screen up' },
    pageDown: { keys: ['ctrl+f', 'pgdn'], help: 'a screen down' },
    pageUp: { keys: ['ctrl+b', 'pgup'], help: 'a screen up' },
    first: { keys: ['g', 'home'], help: 'to the beginning' },
    last: { keys: ['G', 'end'], help: 'to the end' },
  },
  reading: {
    rowDown: { keys: ['enter'], help: 'a row down' },
    pageDown: { keys: ['space'], help: 'a screen down' },
    search: { keys: ['/'], help: 'search' },
    next: { keys: ['n'], help: 'the next match' },
    previous: { keys: ['N'], help: 'the match before' },
    close: { keys: ['q', 'esc', 'ctrl+c'], help: 'close it' },
  },
  palette: {
    run: { keys: ['enter'], help: 'run it' },
    complete: { keys: ['tab'], help: 'complete it' },
    up: { keys: ['up', 'ctrl+p'], help: 'the offer above; in an empty line what was given before' },
    down: { keys: ['down', 'ctrl+n'], help: 'the offer below' },
    pageUp: { keys: ['pgup'], help: 'a page of offers up' },
    pageDown: { keys: ['pgdn'], help: 'a page of offers down' },
    close: { keys: ['esc', 'ctrl+c'], help: 'close it' },
  },
  diff: {
    nextFile: { keys: [']', 'J'], help: 'the next file' },
    previousFile: { keys: ['[', 'K'], help: 'the file before' },
    nextHunk: { keys: ['}'], help: 'the next place that changed' },
    previousHunk: { keys: ['{'], help: 'the place before' },
    files: { keys: ['tab'], help: 'to the list of files, and back' },
    look: { keys: ['enter'], help: 'from the list of files to the file' },
    right: { keys: ['l', 'right'], help: 'what stands further on the right' },
    left: { keys: ['h', 'left'], help: 'back to the left' },
    sides: { keys: ['u'], help: 'side by side, or one below the other' },
    spaces: { keys: ['w'], help: 'hide what changed in spaces alone, and show it again' },
    search: { keys: ['/'], help: 'search in all files' },
    next: { keys: ['n'], help: 'the next match' },
    previous: { keys: ['N'], help: 'the match before' },
    comment: { keys: ['c'], help: 'comment on the line' },
    approve: { keys: ['a'], help: 'approve the work' },
    reject: { keys: ['r'], help: 'send the work back' },
    leave: { keys: ['esc'], help: 'end the search, or close it' },
    close: { keys: ['q', 'ctrl+c'], help: 'close it' },
  },
  settings: {
    change: { keys: ['enter', 'e'], help: 'change it' },
    file: { keys: ['tab'], help: 'the file of this project, or of all projects' },
    nextSection: { keys: [']'], help: 'the next section' },
    previousSection: { keys: ['['], help: 'the section before' },
    find: { keys: ['/'], help: 'show only those with a text' },
    unset: { keys: ['x'], help: 'take it out of the file' },
    takeBack: { keys: ['u'], help: 'forget the change that is not saved' },
    create: { keys: ['n'], help: 'a new provider, agent or workflow' },
    save: { keys: ['s'], help: 'see what would be written, and save it' },
    leave: { keys: ['esc'], help: 'show all again, or close it' },
    close: { keys: ['q', 'ctrl+c'], help: 'close it' },
  },
  value: {
    take: { keys: ['enter'], help: 'take the value' },
    editor: { keys: ['ctrl+o'], help: 'in your editor' },
    json: { keys: ['e'], help: 'JSON in your editor again' },
    leave: { keys: ['esc'], help: 'leave it as it was' },
  },
  preview: {
    write: { keys: ['enter', 'y'], help: 'write the files' },
    leave: { keys: ['esc', 'q', 'n'], help: 'write nothing yet' },
  },
  form: {
    send: { keys: ['enter'], help: 'do it' },
    next: { keys: ['tab'], help: 'the next field' },
    previous: { keys: ['shift+tab'], help: 'the field before' },
    editor: { keys: ['ctrl+o'], help: 'the text in your editor' },
    scrollDown: { keys: ['pgdn'], help: 'more of what it is about' },
    scrollUp: { keys: ['pgup'], help: 'back in it' },
    nextQuestion: { keys: ['ctrl+n'], help: 'the next question of the task' },
    withdraw: { keys: ['ctrl+x'], help: 'withdraw the question' },
    otherVerdict: { keys: ['ctrl+r'], help: 'send back instead of approving, or the other way round' },
    close: { keys: ['esc', 'ctrl+c'], help: 'close it; once more where something is written' },
  },
  choice: {
    next: { keys: ['j', 'down', 'l', 'right'], help: 'the next one' },
    previous: { keys: ['k', 'up', 'h', 'left'], help: 'the one before' },
    number: { keys: ['1', '2', '3', '4', '5', '6', '7', '8', '9'], help: 'the one with that number' },
    editor: { keys: ['e'], help: 'in your own words, in your editor' },
  },
  confirm: {
    yes: { keys: ['y'], help: 'do it' },
    no: { keys: ['n', 'q'], help: 'leave it' },
    scrollDown: { keys: ['ctrl+d'], help: 'more of what it is about' },
    scrollUp: { keys: ['ctrl+u'], help: 'back in it' },
  },
  searching: {
    take: { keys: ['enter'], help: 'search' },
    leave: { keys: ['esc', 'ctrl+c'], help: 'leave it' },
  },
  writing: {
    left: { keys: ['left', 'ctrl+b'], help: 'a character to the left' },
    right: { keys: ['right', 'ctrl+f'], help: 'a character to the right' },
    wordLeft: { keys: ['alt+b', 'ctrl+left'], help: 'a word to the left' },
    wordRight: { keys: ['alt+f', 'ctrl+right'], help: 'a word to the right' },
    start: { keys: ['home', 'ctrl+a'], help: 'to the beginning of the line' },
    end: { keys: ['end', 'ctrl+e'], help: 'to the end of the line' },
    lineUp: { keys: ['up'], help: 'a line up, or the field before' },
    lineDown: { keys: ['down'], help: 'a line down, or the next field' },
    newLine: { keys: ['ctrl+j', 'alt+enter'], help: 'a new line' },
    erase: { keys: ['backspace', 'ctrl+h'], help: 'erase the character before' },
    eraseNext: { keys: ['delete'], help: 'erase the character behind' },
    eraseWord: { keys: ['ctrl+w', 'alt+backspace'], help: 'erase the word before' },
    eraseNextWord: { keys: ['alt+d'], help: 'erase the word behind' },
    eraseToStart: { keys: ['ctrl+u'], help: 'erase to the beginning of the line' },
    eraseToEnd: { keys: ['ctrl+k'], help: 'erase to the end of the line' },
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, DialogKey>>>>;

export type DialogGroup = keyof typeof DIALOG_KEYS;
export type DialogKeyId<Group extends DialogGroup> = keyof (typeof DIALOG_KEYS)[Group];

export const DIALOG_TITLES: Readonly<Record<DialogGroup, string>> = {
  list: 'In lists, diffs and texts',
  reading: 'What a command said',
  palette: 'The line for commands',
  diff: 'Changes of a task',
  settings: 'Settings',
  value: 'The value of a setting',
  preview: 'What would be written',
  form: 'Forms',
  choice: 'A choice in a form',
  confirm: 'A question of yes or no',
  searching: 'What to search for',
  writing: 'Writing',
};

/** What the key means there; undefined: nothing. */
export function dialogKey<Group extends DialogGroup>(
  group: Group,
  key: string,
): DialogKeyId<Group> | undefined {
  return MEANINGS.get(group)?.get(key) as DialogKeyId<Group> | undefined;
}

const MEANINGS: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map(
  Object.entries(DIALOG_KEYS).map(([group, bindings]) => [group, idsByKey(bindings)]),
);

function idsByKey(bindings: Readonly<Record<string, DialogKey>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(bindings).flatMap(([id, { keys }]) => keys.map((key) => [key, id])));
}

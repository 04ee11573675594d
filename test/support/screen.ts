import xterm, { type Terminal as XTerm } from '@xterm/headless';

/** A terminal without a window, which says what it shows and whether anything but its cells was touched. */
export class Screen {
  readonly #terminal: XTerm;
  /** Titles, clipboard writes, bells and answers that what was written led to. */
  readonly misdeeds: string[] = [];
  #onAnswer: ((answer: string) => void) | undefined;

  constructor(width: number, height: number) {
    this.#terminal = new xterm.Terminal({ cols: width, rows: height, allowProposedApi: true });
    this.#terminal.onTitleChange((title) => this.misdeeds.push(`title ${title}`));
    this.#terminal.onBell(() => this.misdeeds.push('bell'));
    this.#terminal.onData((answer) => {
      if (this.#onAnswer === undefined) this.misdeeds.push(`answer ${JSON.stringify(answer)}`);
      else this.#onAnswer(answer);
    });
    for (const command of [4, 7, 8, 9, 10, 12, 52, 104, 133, 777, 1337]) {
      this.#terminal.parser.registerOscHandler(command, (data) => {
        this.misdeeds.push(`OSC ${command} ${data}`);
        return true;
      });
    }
  }

  /** Takes what the terminal answers to what it is asked. */
  onAnswer(take: (answer: string) => void): void {
    this.#onAnswer = take;
  }

  write(text: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#terminal.write(text, resolve);
    return promise;
  }

  resize(width: number, height: number): void {
    this.#terminal.resize(width, height);
  }

  /** Each cell as its text and how it looks; the right half of a wide character is empty. */
  cells(): string[][] {
    const buffer = this.#terminal.buffer.active;
    return Array.from({ length: this.#terminal.rows }, (_row, y) =>
      Array.from({ length: this.#terminal.cols }, (_column, x) => {
        const cell = buffer.getLine(buffer.baseY + y)?.getCell(x);
        if (cell === undefined) return '';
        const look = [
          cell.isFgDefault() ? '' : `f${cell.getFgColorMode()}:${cell.getFgColor()}`,
          cell.isBgDefault() ? '' : `b${cell.getBgColorMode()}:${cell.getBgColor()}`,
          cell.isBold() ? '*' : '',
          cell.isInverse() ? '!' : '',
          cell.isUnderline() ? '_' : '',
        ];
        return (cell.getChars() || (cell.getWidth() === 0 ? '' : ' ')) + look.join('');
      }),
    );
  }

  /** The text of each row, without colours and without blanks at its end. */
  rows(): string[] {
    const buffer = this.#terminal.buffer.active;
    return Array.from({ length: this.#terminal.rows }, (_row, y) => {
      return buffer.getLine(buffer.baseY + y)?.translateToString(true) ?? '';
    });
  }

  /** What is set of the terminal beside its cells. */
  state(): Readonly<Record<string, unknown>> {
    const { active } = this.#terminal.buffer;
    return {
      buffer: active.type,
      scrolled: active.baseY,
      cursor: [active.cursorX, active.cursorY],
      ...this.#terminal.modes,
    };
  }

  [Symbol.dispose](): void {
    this.#terminal.dispose();
  }
}

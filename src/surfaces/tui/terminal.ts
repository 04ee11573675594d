export type {
  ColourDepth,
  Terminal,
  TerminalInput,
  TerminalLook,
  TerminalPlace,
  TerminalSize,
} from '../../core/terminal/ports.ts';

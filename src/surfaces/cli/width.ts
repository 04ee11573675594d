export { cut, pad, textWidth } from '../../core/terminal/width.ts';

/**
 * A file with conflict markers, with both sides kept: first ours, then what only theirs has. Understands markers
 * with and without the common ancestor. Throws when a side changed lines that were there before, because then
 * keeping both would not be what anybody meant, and when the markers are incomplete.
 */
export function keepBothSides(text: string): string {
  const kept: string[] = [];
  let block: Block | undefined;
  for (const line of text.split('\n')) {
    if (line.startsWith('<<<<<<< ') && block === undefined)
      block = { side: 'ours', ours: [], base: [], theirs: [] };
    else if (block === undefined) kept.push(line);
    else if (line.startsWith('||||||| ') && block.side === 'ours') block.side = 'base';
    else if (line === '=======' && block.side !== 'theirs') block.side = 'theirs';
    else if (line.startsWith('>>>>>>> ') && block.side === 'theirs') {
      kept.push(...bothOf(block));
      block = undefined;
    } else block[block.side].push(line);
  }
  if (block !== undefined) throw new Error('a conflict marker has no end');
  return kept.join('\n');
}

interface Block {
  side: 'ours' | 'base' | 'theirs';
  readonly ours: string[];
  readonly base: string[];
  readonly theirs: string[];
}

function bothOf({ ours, base, theirs }: Block): readonly string[] {
  if (base.length > 0) throw new Error('both sides changed the same lines in different ways');
  return [...ours, ...theirs.filter((line) => line.trim() === '' || !ours.includes(line))];
}

// Cuts growing Markdown into pieces of which only the last may still change, so that the end of a stream costs no more.

const fence = /^ {0,3}(`{3,}|~{3,})/;
const continues = /^(\s|[-*+]\s|\d{1,9}[.)]\s|>|\|)/; // lists, quotes and tables go on over blank lines

// Opens and closes of display maths in a line change whether a blank line is inside of it.
function isInMathAfter(line: string, isIn: '' | '$$' | '\\]'): '' | '$$' | '\\]' {
  const text = line.trim();
  if (isIn !== '') return text.endsWith(isIn) ? '' : isIn;
  if (text.startsWith('$$') && !text.slice(2).includes('$$')) return '$$';
  return text.startsWith('\\[') && !text.includes('\\]') ? '\\]' : '';
}

/// Joined by blank lines the pieces are the source again, up to how many blank lines there were.
export function splitBlocks(source: string): string[] {
  const pieces: string[] = [];
  let piece: string[] = [];
  let openFence = '';
  let openMath: '' | '$$' | '\\]' = '';
  let wasBlank = false;
  for (const line of source.split('\n')) {
    const isBlank = line.trim() === '';
    if (wasBlank && !isBlank && openFence === '' && openMath === '' && !continues.test(line)) {
      pieces.push(piece.join('\n').trimEnd());
      piece = [];
    }
    const mark = fence.exec(line)?.[1] ?? '';
    if (openFence !== '') {
      if (mark.startsWith(openFence) && line.trim() === mark) openFence = '';
    } else if (mark !== '' && openMath === '') {
      openFence = mark;
    } else {
      openMath = isInMathAfter(line, openMath);
    }
    if (!isBlank || piece.length > 0) piece.push(line);
    wasBlank = isBlank;
  }
  pieces.push(piece.join('\n').trimEnd());
  return pieces.filter((each) => each !== '');
}

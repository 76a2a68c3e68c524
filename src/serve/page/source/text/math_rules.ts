// Finds maths in Markdown: $..$, $$..$$, \(..\), \[..\], bare \begin{align}..\end{align}, \boxed{..}. No document needed.
import type {MarkdownIt} from 'markdown-it';

interface Found {
  tex: string;
  end: number; // behind the closing mark
  isDisplay: boolean;
}

const environments = /^\\begin\{(equation|align|aligned|gather|gathered|multline|cases|array|[pbvBV]?matrix)(\*?)\}/;

// The place of the closing mark, escaped ones aside.
function findClose(source: string, close: string, start: number): number {
  for (let at = source.indexOf(close, start); at >= 0; at = source.indexOf(close, at + 1)) {
    let slashes = 0;
    while (source[at - 1 - slashes] === '\\') ++slashes;
    if (close.startsWith('\\') || slashes % 2 === 0) return at;
  }
  return -1;
}

function between(source: string, at: number, open: string, close: string, isDisplay: boolean): Found | null {
  if (!source.startsWith(open, at)) return null;
  const start = at + open.length;
  const end = findClose(source, close, start);
  const tex = end < 0 ? '' : source.slice(start, end).trim();
  return tex === '' ? null : {tex, end: end + close.length, isDisplay};
}

// "$5 and $6" is money: the mark touches what it encloses, and no digit follows it.
function betweenDollars(source: string, at: number): Found | null {
  if (source[at] !== '$' || source[at + 1] === '$' || /\s/.test(source[at + 1] ?? ' ')) return null;
  const end = findClose(source, '$', at + 1);
  if (end < 0 || /\s/.test(source[end - 1] ?? ' ') || /\d/.test(source[end + 1] ?? '')) return null;
  const tex = source.slice(at + 1, end);
  return tex.includes('\n\n') ? null : {tex, end: end + 1, isDisplay: false};
}

function betweenTags(source: string, at: number): Found | null {
  const match = environments.exec(source.slice(at, at + 32));
  if (!match) return null;
  const close = `\\end{${match[1]}${match[2]}}`;
  const end = source.indexOf(close, at);
  return end < 0 ? null : {tex: source.slice(at, end + close.length), end: end + close.length, isDisplay: true};
}

// Models that learnt to box their answers do so outside of maths too.
function betweenBraces(source: string, at: number): Found | null {
  const open = '\\boxed{';
  if (!source.startsWith(open, at)) return null;
  let depth = 1;
  for (let end = at + open.length; end < source.length && source[end] !== '\n'; ++end) {
    if (source[end] === '\\') ++end;
    else if (source[end] === '{') ++depth;
    else if (source[end] === '}' && --depth === 0)
      return {tex: source.slice(at, end + 1), end: end + 1, isDisplay: false};
  }
  return null;
}

/// The maths that begins at this very place, if any does.
export function findMath(source: string, at: number): Found | null {
  if (source[at] === '$') return between(source, at, '$$', '$$', true) ?? betweenDollars(source, at);
  if (source[at] !== '\\') return null;
  return (
    between(source, at, '\\(', '\\)', false) ??
    between(source, at, '\\[', '\\]', true) ??
    betweenTags(source, at) ??
    betweenBraces(source, at)
  );
}

/// Teaches a parser the tokens math_inline and math_block; their content is the TeX.
export function mathRules(parser: MarkdownIt): void {
  parser.inline.ruler.before('escape', 'math', (state, silent) => {
    const found = findMath(state.src, state.pos);
    if (!found || found.end > state.posMax) return false;
    if (!silent) state.push(found.isDisplay ? 'math_block' : 'math_inline', 'math', 0).content = found.tex;
    state.pos = found.end;
    return true;
  });
  // A block of its own may hold blank lines, "=" and "-" lines that would otherwise be headings.
  parser.block.ruler.before(
    'fence',
    'math_block',
    (state, firstLine, lastLine, silent) => {
      if ((state.sCount[firstLine] ?? 0) - state.blkIndent >= 4) return false;
      const start = (state.bMarks[firstLine] ?? 0) + (state.tShift[firstLine] ?? 0);
      const limit = state.eMarks[lastLine - 1] ?? state.src.length;
      const found = findMath(state.src.slice(0, limit), start);
      if (!found?.isDisplay) return false;
      let line = firstLine;
      while (line < lastLine && (state.eMarks[line] ?? 0) < found.end) ++line;
      if (state.src.slice(found.end, state.eMarks[line]).trim() !== '') return false;
      if (silent) return true;
      state.line = line + 1;
      const token = state.push('math_block', 'math', 0);
      token.content = found.tex;
      token.map = [firstLine, state.line];
      return true;
    },
    {alt: ['paragraph']},
  );
}

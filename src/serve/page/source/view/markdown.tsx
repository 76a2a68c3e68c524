// Shows Markdown while it grows: pieces that are complete are drawn once.
import {useLayoutEffect, useRef} from 'preact/hooks';
import {splitBlocks} from '../text/blocks.ts';
import {renderMarkdown} from '../text/markdown.ts';
import {renderMath} from '../text/math.ts';
import {copyText} from './clipboard.ts';

function addCopyButton(block: HTMLPreElement): void {
  const frame = document.createElement('div');
  frame.className = 'code';
  const language = /language-([\w+#.-]+)/.exec(block.querySelector('code')?.className ?? '')?.[1] ?? '';
  const name = document.createElement('span');
  name.className = 'code-language';
  name.textContent = language;
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'quiet-button';
  button.textContent = 'Copy';
  button.setAttribute('aria-label', 'Copy this code');
  button.addEventListener('click', () => {
    copyText(block.textContent ?? '');
    button.textContent = 'Copied';
    setTimeout(() => (button.textContent = 'Copy'), 1500);
  });
  const head = document.createElement('div');
  head.className = 'code-head';
  head.append(name, button);
  block.tabIndex = 0; // wide code scrolls by keyboard too
  block.setAttribute('role', 'region');
  block.setAttribute('aria-label', language === '' ? 'Code' : `Code, ${language}`);
  block.replaceWith(frame);
  frame.append(head, block);
}

function frameTable(table: HTMLTableElement): void {
  const frame = document.createElement('div');
  frame.className = 'table';
  frame.tabIndex = 0;
  frame.setAttribute('role', 'region');
  frame.setAttribute('aria-label', 'Table');
  table.replaceWith(frame);
  frame.append(table);
}

function draw(source: string): DocumentFragment {
  const nodes = renderMarkdown(source);
  for (const formula of nodes.querySelectorAll<HTMLElement>('span.math')) {
    renderMath(formula, formula.dataset['tex'] ?? '', formula.classList.contains('display'));
  }
  nodes.querySelectorAll('pre').forEach(addCopyButton);
  nodes.querySelectorAll('table').forEach(frameTable);
  return nodes;
}

function Piece({source}: {source: string}) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => box.current?.replaceChildren(draw(source)), [source]);
  return <div class="piece" ref={box} />;
}

/// isGrowing: more text comes, so that the end may be half a construct.
export function Markdown({text, isGrowing}: {text: string; isGrowing: boolean}) {
  const pieces = isGrowing ? splitBlocks(text) : [text];
  return (
    <div class="prose">
      {pieces.map((piece, index) => (
        <Piece key={isGrowing ? index : 'whole'} source={piece} />
      ))}
    </div>
  );
}

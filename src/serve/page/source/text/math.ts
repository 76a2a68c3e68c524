// TeX becomes nodes that need no inline style attributes, which the page's Content-Security-Policy forbids.
import katex, {__renderToDomTree as renderToDomTree, type KatexOptions} from 'katex';

declare module 'katex' {
  export function __renderToDomTree(tex: string, options: KatexOptions): TreeNode;
}

const maxTexLength = 20_000;

export interface TreeNode {
  attributes?: Record<string, string>;
  children?: TreeNode[];
  toNode(): Node;
}

// KaTeX sets most styles through the style object, which the policy allows, but a few as attributes. Those travel as
// data-style and are set through the style object too.
function moveStyles(node: TreeNode): void {
  if (node.attributes?.['style'] !== undefined) {
    node.attributes['data-style'] = node.attributes['style'];
    delete node.attributes['style'];
  }
  node.children?.forEach(moveStyles);
}

function applyStyles(root: Element): void {
  for (const element of root.querySelectorAll<HTMLElement | SVGElement>('[data-style]')) {
    element.style.cssText = element.dataset['style'] ?? '';
    element.removeAttribute('data-style');
  }
}

/// Puts the formula into an element; what is no TeX stands there as it was written.
export function renderMath(element: HTMLElement, tex: string, isDisplay: boolean): void {
  const options: KatexOptions = {
    displayMode: isDisplay,
    throwOnError: true,
    trust: false,
    strict: 'ignore',
    errorColor: 'currentcolor',
    maxExpand: 500,
    maxSize: 20,
  };
  try {
    if (tex.length > maxTexLength) throw new katex.ParseError('too long');
    const tree = renderToDomTree(tex, options);
    moveStyles(tree);
    element.replaceChildren(tree.toNode());
    applyStyles(element);
  } catch (error) {
    if (!(error instanceof katex.ParseError) && !(error instanceof RangeError)) throw error;
    element.textContent = isDisplay ? `$$${tex}$$` : `$${tex}$`;
    element.classList.add('broken-math');
  }
}

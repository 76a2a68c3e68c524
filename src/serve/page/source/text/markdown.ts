// A model's Markdown becomes harmless nodes: no HTML of its own, no pictures from elsewhere, links of three kinds.
import DOMPurify from 'dompurify';
import makeMarkdownIt, {type MarkdownIt} from 'markdown-it';
import {mathRules} from './math_rules.ts';

/// Links that may be followed out of a model's answer.
export function isHarmlessLink(address: string): boolean {
  return /^(https?:\/\/|mailto:)[^\s]+$/i.test(address.trim());
}

/// The parser; what it renders is still to be sanitized. Needs no document.
export function makeParser(): MarkdownIt {
  const parser = makeMarkdownIt({html: false, linkify: true, breaks: false});
  parser.linkify.set({fuzzyLink: false, fuzzyEmail: false});
  parser.validateLink = isHarmlessLink;
  parser.use(mathRules);
  const {escapeHtml} = parser.utils;
  const {rules} = parser.renderer;
  rules['math_inline'] = (tokens, index) =>
    `<span class="math" data-tex="${escapeHtml(tokens[index]?.content ?? '')}"></span>`;
  rules['math_block'] = (tokens, index) =>
    `<span class="math display" data-tex="${escapeHtml(tokens[index]?.content ?? '')}"></span>`;
  // A picture from elsewhere would tell that server who reads; its address stays as a link.
  rules['image'] = (tokens, index) => {
    const token = tokens[index];
    const address = String(token?.attrGet('src') ?? '');
    const name = escapeHtml(token?.content || 'picture');
    return isHarmlessLink(address) ? `<a href="${escapeHtml(address)}">${name}</a>` : name;
  };
  // Alignment comes as a style attribute, which the policy forbids.
  const align: NonNullable<(typeof rules)[string]> = (tokens, index, options, _env, self) => {
    const token = tokens[index];
    const side = /text-align:(\w+)/.exec(String(token?.attrGet('style') ?? ''))?.[1];
    if (token) token.attrs = side ? [['class', `align-${side}`]] : null;
    return self.renderToken(tokens, index, options);
  };
  rules['th_open'] = align;
  rules['td_open'] = align;
  return parser;
}

const parser = makeParser();

const allowed = {
  ALLOWED_TAGS: [
    'p',
    'br',
    'hr',
    'h1',
    'h2',
    'h3',
    'h4',
    'h5',
    'h6',
    'ul',
    'ol',
    'li',
    'blockquote',
    'pre',
    'code',
    'em',
    'strong',
    's',
    'a',
    'span',
    'table',
    'thead',
    'tbody',
    'tr',
    'th',
    'td',
  ],
  ALLOWED_ATTR: ['href', 'class', 'data-tex', 'start'],
  ADD_URI_SAFE_ATTR: ['data-tex', 'start'], // these hold no addresses
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  ALLOWED_URI_REGEXP: /^(?:https?:\/\/|mailto:)/i,
  RETURN_DOM_FRAGMENT: true as const,
};

/// Nodes of a piece of Markdown. Formulas are empty span.math with data-tex, code is plain: the caller completes both.
export function renderMarkdown(source: string): DocumentFragment {
  const fragment = DOMPurify.sanitize(parser.render(source), allowed);
  for (const link of fragment.querySelectorAll('a')) {
    link.target = '_blank';
    link.rel = 'noopener noreferrer nofollow';
  }
  // The page's own headings are the first two levels.
  for (const heading of fragment.querySelectorAll('h1, h2, h3, h4, h5, h6')) {
    const level = Math.min(Number(heading.tagName.slice(1)) + 2, 6);
    const lower = document.createElement(`h${level}`);
    lower.append(...heading.childNodes);
    heading.replaceWith(lower);
  }
  return fragment;
}

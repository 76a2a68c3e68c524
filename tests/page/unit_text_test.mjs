// Markdown and maths: pieces, formulas, links.
import assert from 'node:assert/strict';
import test from 'node:test';
import {loadParts} from './tools.mjs';

const {splitBlocks, findMath, makeParser, isHarmlessLink} = await loadParts([
  'text/blocks.ts',
  'text/markdown.ts',
  'text/math_rules.ts',
]);

test('pieces of growing text end where nothing can change any more', () => {
  const cases = [
    ['a\n\nb', ['a', 'b']],
    ['```\na\n\nb\n```\n\nc', ['```\na\n\nb\n```', 'c']],
    ['~~~\n```\n\nx\n~~~\n\nc', ['~~~\n```\n\nx\n~~~', 'c']],
    ['$$\nx\n\ny\n$$\n\nc', ['$$\nx\n\ny\n$$', 'c']],
    ['\\[\nx\n\n\\]\n\nc', ['\\[\nx\n\n\\]', 'c']],
    ['- a\n\n- b\n\n  more\n\nc', ['- a\n\n- b\n\n  more', 'c']],
    ['1. a\n\n2. b', ['1. a\n\n2. b']],
    ['\n\n\na', ['a']],
    ['', []],
  ];
  for (const [source, expected] of cases) assert.deepEqual(splitBlocks(source), expected, JSON.stringify(source));
});

test('drawing in pieces gives the same as drawing the whole', () => {
  const parser = makeParser();
  const source =
    '# T\n\npara $x$\n\n- a\n\n- b\n\n```js\nx\n\ny\n```\n\n$$\na\n\nb\n$$\n\n| a |\n|---|\n| 1 |\n\n> q\n\n> r\n\nend';
  assert.equal(
    splitBlocks(source)
      .map((piece) => parser.render(piece))
      .join(''),
    parser.render(source),
  );
});

const texs = (source) =>
  [
    ...makeParser()
      .render(source)
      .matchAll(/class="math( display)?" data-tex="([^"]*)"/g),
  ].map((each) => [each[2], each[1] ? 'display' : 'inline']);

test('maths is found in all its forms', () => {
  assert.deepEqual(texs('a $x_1$ b'), [['x_1', 'inline']]);
  assert.deepEqual(texs('a \\(x_1*y*z\\) b'), [['x_1*y*z', 'inline']]);
  assert.deepEqual(texs('$$x$$'), [['x', 'display']]);
  assert.deepEqual(texs('so $$x$$ is'), [['x', 'display']]);
  assert.deepEqual(texs('\\[\nx\n=\ny\n\\]'), [['x\n=\ny', 'display']]);
  assert.deepEqual(texs('$$\na\n\nb\n$$\n'), [['a\n\nb', 'display']]);
  assert.deepEqual(texs('- item \\[x\\] end'), [['x', 'display']]);
  assert.deepEqual(texs('> $$\n> x\n> $$').length, 1);
  assert.deepEqual(texs('text\n\\begin{align*}a&amp;\\\\b\\end{align*}')[0][1], 'display');
  assert.deepEqual(texs('$a \\$ b$'), [['a \\$ b', 'inline']]);
  assert.deepEqual(texs('**$x$** and [$y$](https://a.b)'), [
    ['x', 'inline'],
    ['y', 'inline'],
  ]);
});

test('a boxed answer is maths without any marks', () => {
  assert.deepEqual(texs('So \\boxed{5}.'), [['\\boxed{5}', 'inline']]);
  assert.deepEqual(
    texs('\\boxed{\\frac{1}{2}} and \\boxed{\\{a\\}}').map(([tex]) => tex),
    ['\\boxed{\\frac{1}{2}}', '\\boxed{\\{a\\}}'],
  );
  assert.deepEqual(texs('$\\boxed{5}$'), [['\\boxed{5}', 'inline']]);
  assert.deepEqual(texs('\\boxed{5'), []);
  assert.deepEqual(texs('`\\boxed{5}`'), []);
});

test('what is no maths stays text', () => {
  for (const source of [
    'costs $5 and $6',
    '$ x $',
    '\\$x\\$',
    '`$x$`',
    '```\n$x$\n```',
    'open $x',
    '\\\\(x\\\\)',
    '$$',
    '$$$$',
    '    $$x$$',
  ]) {
    assert.deepEqual(texs(source), [], source);
  }
  assert.equal(findMath('ab', 0), null);
});

test('links lead to http, https and mail alone', () => {
  for (const link of ['http://a', 'https://a/b?c#d', 'HTTPS://A', 'mailto:a@b']) assert.ok(isHarmlessLink(link), link);
  for (const link of [
    'javascript:x',
    ' javascript:x',
    'java\nscript:x',
    'data:text/html,x',
    'file:///a',
    'vbscript:x',
    '//a',
    '/a',
    '#a',
    'https:a',
    'http://a b',
    '',
  ]) {
    assert.ok(!isHarmlessLink(link), link);
  }
});

test('the parser lets no HTML through', () => {
  const html = makeParser().render(
    '<script>x</script> <img src=x onerror=y>\n\n<div onclick=z>\n\n![p](http://t/x.png) ![q](javascript:1)\n\n|a|\n|--:|\n|b|',
  );
  assert.ok(!/<(script|img|div)/.test(html), html);
  assert.ok(!html.includes('style='), html);
  assert.ok(html.includes('class="align-right"'), html);
});

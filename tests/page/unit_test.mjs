// The parts of the page that need no browser: node --test tests/page/unit_test.mjs
import assert from 'node:assert/strict';
import test from 'node:test';
import {loadParts} from './tools.mjs';

const {
  SseReader, failureOf, emptyFold, foldChunk, progressOf, newConversation, withTurn, withoutTurn, shownPath, pathTo, stepBranch, branchPlace,
  titleOf, matches, children, readSettings, readNumber, defaultSettings, chatBody, messagesOf, userMessage, writeHistory,
  readHistory, sniffType, jpegOrientation, fittingSize, splitBlocks, findMath, makeParser, isHarmlessLink, fromDataUrl,
  readEvents, ApiFailure, streamChat,
} = await loadParts([
  'wire/sse.ts', 'wire/api.ts', 'wire/chunks.ts', 'wire/request.ts', 'model/tree.ts', 'model/settings.ts',
  'model/exchange_file.ts', 'model/pictures.ts', 'text/blocks.ts', 'text/math_rules.ts', 'text/markdown.ts',
]);

test('events survive any cut of the stream, any line end, comments and events of several lines', () => {
  const stream = ': keep-alive\r\n\r\ndata: {"a":1}\n\nevent: x\rdata:b\rdata: c\r\rdata: \u00e4\n\n: end\n\n';
  for (let cut = 0; cut <= stream.length; ++cut) {
    for (const second of [cut, Math.min(cut + 1, stream.length)]) {
      const reader = new SseReader();
      const events = [stream.slice(0, cut), stream.slice(cut, second), stream.slice(second)].flatMap((piece) => reader.feed(piece));
      assert.deepEqual(events, ['{"a":1}', 'b\nc', '\u00e4']);
    }
  }
});

test('an event without its blank line is not given out', () => {
  assert.deepEqual(new SseReader().feed('data: half'), []);
});

test('letters of several bytes survive being cut', async () => {
  const bytes = new TextEncoder().encode('data: \u{1f600}\u00fc\n\n');
  const body = new ReadableStream({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
  const events = [];
  for await (const event of readEvents(body)) events.push(event);
  assert.deepEqual(events, ['\u{1f600}\u00fc']);
});

test('refusals become words, kinds and times', () => {
  const said = (message) => JSON.stringify({error: {message}});
  assert.equal(failureOf(400, null, said('n is 99')).message, 'n is 99');
  assert.equal(failureOf(400, null, said('n is 99')).kind, 'refused');
  assert.equal(failureOf(401, null, '').kind, 'key');
  assert.deepEqual([failureOf(429, '7', '').kind, failureOf(429, '7', '').retryAfterSeconds], ['busy', 7]);
  assert.equal(failureOf(429, 'Wed, 21 Oct', '<html>').retryAfterSeconds, 5);
  assert.equal(failureOf(503, '999999', '').retryAfterSeconds, 3600);
  assert.equal(failureOf(502, null, '<html>proxy</html>').kind, 'failed');
});

test('a stream that ends without [DONE] is told from one that is whole', async (context) => {
  const reply = (text) => new Response(text, {headers: {'X-Request-Id': 'r7'}});
  const read = async () => {
    const chunks = [];
    const ids = [];
    const stream = streamChat({base: '', key: 'k'}, {}, new AbortController().signal, (id) => ids.push(id));
    for await (const chunk of stream) chunks.push(chunk);
    return {chunks, ids};
  };
  const fetched = context.mock.method(globalThis, 'fetch', async () => reply('data: {"a":1}\n\ndata: [DONE]\n\n'));
  assert.deepEqual(await read(), {chunks: [{a: 1}], ids: ['r7']});
  assert.equal(fetched.mock.calls[0].arguments[1].headers.Authorization, 'Bearer k');
  fetched.mock.mockImplementation(async () => reply('data: {"a":1}\n\n'));
  await assert.rejects(read(), (error) => error instanceof ApiFailure && error.kind === 'cut');
  fetched.mock.mockImplementation(async () => reply('data: {"error":{"message":"no memory"}}\n\n'));
  await assert.rejects(read(), {message: 'no memory'});
  fetched.mock.mockImplementation(async () => { throw new TypeError('network'); });
  await assert.rejects(read(), (error) => error.kind === 'down');
});

const delta = (fields, finish = null, index = 0) => ({choices: [{index, delta: fields, finish_reason: finish}]});

test('thinking under either name and the answer are kept apart; the usage gives the true counts', () => {
  const chunks = [
    delta({role: 'assistant', content: ''}), delta({reasoning_content: 'so ', reasoning: 'so '}), delta({reasoning: 'what'}),
    delta({content: 'five'}), {choices: [{index: 0, delta: {}, finish_reason: 'length', finish_detail: 'loop'}]},
    {choices: [], usage: {completion_tokens: 9, completion_tokens_details: {reasoning_tokens: 4}}},
  ];
  const before = chunks.slice(0, 4).reduce(foldChunk, emptyFold());
  assert.deepEqual([before.answers[0].thinkingTokens, before.answers[0].isCounted], [2, false]);
  const [answer] = chunks.reduce(foldChunk, emptyFold()).answers;
  assert.deepEqual(answer, {
    thinking: 'so what', text: 'five', thinkingTokens: 4, isCounted: true, tokens: 9, finish: 'loop', score: null,
  });
});

test('candidates grow beside each other, and the end gives their scores; the repeated winner is not added again', () => {
  const message = (content) => ({content, reasoning_content: 'hm'});
  const chunks = [
    delta({role: 'assistant', content: ''}),
    {choices: [], candidate: {index: 1, reasoning_content: 'hm'}}, {choices: [], candidate: {index: 1, content: 'five'}},
    {choices: [], candidate: {index: 0, content: 'si'}}, {choices: [], candidate: {index: 0, content: 'x'}},
    delta({content: 'five'}),
  ];
  const grown = chunks.reduce(foldChunk, emptyFold());
  assert.deepEqual(grown.answers.map((each) => [each.thinking, each.text]), [['', 'six'], ['hm', 'five']]);
  const end = {
    ...delta({}, 'stop'),
    best_of: {chosen: 1, candidates: [
      {index: 0, score: -1.5, message: message('six'), finish_reason: 'stop', finish_detail: 'stop'},
      {index: 1, score: 2, message: message('five'), finish_reason: 'stop', finish_detail: 'budget', completion_tokens: 7, reasoning_tokens: 3},
    ]},
  };
  const {answers, chosen} = foldChunk(grown, end);
  assert.equal(chosen, 1);
  assert.deepEqual(answers.map((each) => [each.text, each.score, each.finish]), [['six', -1.5, 'stop'], ['five', 2, 'budget']]);
  assert.deepEqual([answers[1].tokens, answers[1].thinkingTokens, answers[1].isCounted], [7, 3, true]);
});

test('chunks of any shape do no harm', () => {
  const odd = [null, 3, [], {choices: 3}, {choices: [null, {index: -1}, {index: 1e9, delta: {content: 'x'}}, {index: 0.5}]}, {best_of: null}, {candidate: 'x'}, {best_of: {candidates: []}}];
  const {answers} = odd.reduce(foldChunk, emptyFold());
  assert.equal(answers.map((each) => each.text).join(''), '');
  assert.equal(progressOf(null), null);
});

test('progress counts pictures and tokens', () => {
  const chunk = {prompt_progress: {total: 80, processed: 40, pictures_total: 2, pictures_processed: 1}};
  assert.deepEqual(progressOf(chunk), {pictures: 2, picturesDone: 1, promptTokens: 80, promptTokensDone: 40});
});

// question a -> answers b and c; c -> question d. Another beginning e.
const turn = (id, parent, role, created, fields = {}) => ({
  id, parent, role, created, text: role === 'user' ? id : '', pictures: [], chosen: 0, model: '', error: '',
  answers: role === 'assistant' ? [{...emptyFold().answers[0], text: id, finish: 'stop'}] : [], ...fields,
});
const ids = (turns) => turns.map((each) => each.id).join('');
const tree = () => [
  turn('a', '', 'user', 1), turn('b', 'a', 'assistant', 2), turn('c', 'a', 'assistant', 3), turn('d', 'c', 'user', 4),
].reduce(withTurn, newConversation('x', 0));

test('a new branch is shown, and the arrows lead back', () => {
  assert.equal(ids(shownPath(tree())), 'acd');
  assert.deepEqual(branchPlace(tree(), tree().turns.c), [2, 2]);
  const back = stepBranch(tree(), 'c', -1);
  assert.equal(ids(shownPath(back)), 'ab');
  assert.equal(ids(shownPath(stepBranch(back, 'b', 1))), 'acd');
  assert.equal(stepBranch(tree(), 'c', 1).selected.a, 'c');
});

test('an edited question is a branch beside the first, at the beginning too', () => {
  const edited = withTurn(tree(), turn('e', '', 'user', 5));
  assert.equal(ids(shownPath(edited)), 'e');
  assert.equal(ids(shownPath(stepBranch(edited, 'e', -1))), 'acd');
  assert.equal(ids(pathTo(edited, 'd')), 'acd');
  assert.equal(ids(children(edited, '')), 'ae');
});

test('only a turn that nothing follows is taken out', () => {
  assert.equal(ids(shownPath(withoutTurn(tree(), 'd'))), 'ac');
  assert.equal(ids(shownPath(withoutTurn(tree(), 'c'))), 'acd');
  assert.equal(ids(shownPath(withoutTurn(tree(), 'nobody'))), 'acd');
});

test('a circle of parents, as a broken import might hold, ends', () => {
  const broken = {...newConversation('x', 0), turns: {a: turn('a', 'b', 'user', 1), b: turn('b', 'a', 'user', 1)}};
  assert.equal(ids(shownPath(broken)), '');
  assert.equal(pathTo(broken, 'a').length, 2);
  const itself = {...newConversation('x', 0), turns: {'': turn('', '', 'user', 1)}};
  assert.ok(shownPath(itself).length <= 1);
});

test('titles are one line of at most 60 letters', () => {
  assert.equal(titleOf('  How many?\nmore', 0), 'How many?');
  assert.equal(titleOf('', 1), 'A picture');
  assert.equal([...titleOf('\u{1f600}'.repeat(99), 0)].length, 60);
});

test('search wants every word, in title, questions or answers', () => {
  const found = {...tree(), title: 'Circles'};
  assert.ok(matches(found, 'CIRC d'));
  assert.ok(matches(found, ' '));
  assert.ok(!matches(found, 'circ square'));
});

test('the request holds the shown branch, pictures first, and only what was set', () => {
  const conversation = withTurn(tree(), turn('d', 'c', 'user', 4, {pictures: ['p']}));
  const messages = messagesOf(pathTo(conversation, 'd'), 'Be brief.', (id) => `data:${id}`);
  assert.deepEqual(messages, [
    {role: 'system', content: 'Be brief.'}, {role: 'user', content: 'a'}, {role: 'assistant', content: 'c'},
    {role: 'user', content: [{type: 'image_url', image_url: {url: 'data:p'}}, {type: 'text', text: 'd'}]},
  ]);
  const plain = chatBody(defaultSettings, 'm', messages);
  assert.deepEqual(Object.keys(plain).sort(), ['messages', 'model', 'return_progress', 'stream', 'stream_options']);
  const set = chatBody({...defaultSettings, temperature: 0, budget: 0, bestOf: 4, rewardModel: 'r', maxTiles: 6, maxTokens: 5, seed: 0, topP: 0.5}, 'm', messages);
  assert.deepEqual([set.temperature, set.thinking, set.best_of, set.reward_model, set.max_tiles, set.max_completion_tokens, set.seed, set.top_p],
    [0, {enabled: true, budget_tokens: 0}, 4, 'r', 6, 5, 0, 0.5]);
  assert.deepEqual(chatBody({...defaultSettings, isThinking: false, budget: 5}, 'm', []).thinking, {enabled: false});
  assert.deepEqual(userMessage('', ['u']).content.length, 1);
});

test('a question that never got an answer is left out, so that roles take turns', () => {
  const failed = turn('b', 'a', 'assistant', 2, {answers: [], error: 'down'});
  const path = [turn('a', '', 'user', 1), failed, turn('d', 'b', 'user', 3)];
  assert.deepEqual(messagesOf(path, '', String).map((each) => each.content), ['d']);
});

test('settings of any shape become valid ones', () => {
  assert.deepEqual(readSettings('x'), defaultSettings);
  const read = readSettings({temperature: 99, bestOf: 'many', model: 7, theme: 'pink', maxTokens: 1.6, budget: null, isThinking: false});
  assert.deepEqual([read.temperature, read.bestOf, read.model, read.theme, read.maxTokens, read.budget, read.isThinking], [2, 1, '', 'auto', 2, null, false]);
  assert.deepEqual([readNumber('temperature', ''), readNumber('temperature', 'x'), readNumber('bestOf', '99')], [null, null, 16]);
});

test('an export is read back as it was', () => {
  const file = {conversations: [tree()], pictures: {p: 'data:image/png;base64,AAAA'}};
  assert.deepEqual(readHistory(writeHistory(file)), file);
});

test('an import of any shape is refused in words or cleaned', () => {
  const read = (fields) => readHistory(JSON.stringify({format: 'r1v-conversations', version: 1, conversations: [], ...fields}));
  assert.throws(() => readHistory('{'), /no JSON/);
  assert.throws(() => readHistory('{"a":1}'), /no export/);
  assert.throws(() => read({version: 2}), /later version/);
  assert.deepEqual(read({pictures: {a: 'https://tracker.invalid/x', b: 'data:text/html;base64,AA', __proto__: 'x'}}).pictures, {});
  const odd = {id: 'x', title: 5, turns: {a: {id: '../a'}, b: {id: 'b', role: 'user', pictures: ['p', 7, '<']}, c: {id: 'c', role: 'system'}}};
  const [conversation] = read({conversations: [odd, null, {id: '__proto__', turns: {}}]}).conversations;
  assert.deepEqual(Object.keys(conversation.turns), ['b']);
  assert.deepEqual(conversation.turns.b.pictures, ['p']);
});

test('the type of a picture comes from its bytes', () => {
  const bytes = (...list) => Uint8Array.from(list);
  assert.equal(sniffType(bytes(0x89, 0x50, 0x4e, 0x47)), 'image/png');
  assert.equal(sniffType(bytes(0xff, 0xd8, 0xff, 0xe0)), 'image/jpeg');
  assert.equal(sniffType(new TextEncoder().encode('GIF89a')), 'image/gif');
  assert.equal(sniffType(new TextEncoder().encode('RIFF....WEBP')), 'image/webp');
  assert.equal(sniffType(new TextEncoder().encode('<svg onload=x>')), '');
  assert.equal(sniffType(bytes()), '');
});

// SOI, an APP0 of 4 bytes, then APP1 "Exif\0\0" + TIFF header + one entry: tag 0x0112, type 3, count 1, value.
const jpeg = (value, isLittle) => {
  const two = (n) => (isLittle ? [n & 255, n >> 8] : [n >> 8, n & 255]);
  const four = (n) => (isLittle ? [n, 0, 0, 0] : [0, 0, 0, n]);
  const tiff = [...(isLittle ? [0x49, 0x49] : [0x4d, 0x4d]), ...two(42), ...four(8), ...two(1), ...two(0x0112), ...two(3), ...four(1), ...two(value), 0, 0];
  const exif = [0x45, 0x78, 0x69, 0x66, 0, 0, ...tiff];
  return Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xe1, 0, exif.length + 2, ...exif, 0xff, 0xda, 0, 2]);
};

test('the orientation of a photo is found in either byte order, and broken ones are upright', () => {
  for (const isLittle of [true, false]) {
    for (let value = 1; value <= 8; ++value) assert.equal(jpegOrientation(jpeg(value, isLittle)), value);
    assert.equal(jpegOrientation(jpeg(9, isLittle)), 1);
    for (let length = 0; length < jpeg(6, isLittle).length; ++length) {
      assert.ok([1, 6].includes(jpegOrientation(jpeg(6, isLittle).slice(0, length))));
    }
  }
});

test('pictures beyond the limits become smaller and keep their shape, others stay', () => {
  assert.deepEqual(fittingSize(8192, 6000), [8192, 6000]);
  assert.deepEqual(fittingSize(16384, 4096), [8192, 2048]);
  // 10000 x 10000 = 100 M pixels; 8192 a side would be 67 M, so the area decides: 10000 / sqrt(2) = 7071.06
  assert.deepEqual(fittingSize(10000, 10000), [7071, 7071]);
  assert.deepEqual(fittingSize(100000, 1), [8192, 1]);
});

test('a data URL becomes its bytes', async () => {
  const blob = fromDataUrl('data:image/png;base64,AQID');
  assert.equal(blob.type, 'image/png');
  assert.deepEqual([...new Uint8Array(await blob.arrayBuffer())], [1, 2, 3]);
});

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
  const source = '# T\n\npara $x$\n\n- a\n\n- b\n\n```js\nx\n\ny\n```\n\n$$\na\n\nb\n$$\n\n| a |\n|---|\n| 1 |\n\n> q\n\n> r\n\nend';
  assert.equal(splitBlocks(source).map((piece) => parser.render(piece)).join(''), parser.render(source));
});

const texs = (source) => [...makeParser().render(source).matchAll(/class="math( display)?" data-tex="([^"]*)"/g)].map((each) => [each[2], each[1] ? 'display' : 'inline']);

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
  assert.deepEqual(texs('**$x$** and [$y$](https://a.b)'), [['x', 'inline'], ['y', 'inline']]);
});

test('what is no maths stays text', () => {
  for (const source of ['costs $5 and $6', '$ x $', '\\$x\\$', '`$x$`', '```\n$x$\n```', 'open $x', '\\\\(x\\\\)', '$$', '$$$$', '    $$x$$']) {
    assert.deepEqual(texs(source), [], source);
  }
  assert.equal(findMath('ab', 0), null);
});

test('links lead to http, https and mail alone', () => {
  for (const link of ['http://a', 'https://a/b?c#d', 'HTTPS://A', 'mailto:a@b']) assert.ok(isHarmlessLink(link), link);
  for (const link of ['javascript:x', ' javascript:x', 'java\nscript:x', 'data:text/html,x', 'file:///a', 'vbscript:x', '//a', '/a', '#a', 'https:a', 'http://a b', '']) {
    assert.ok(!isHarmlessLink(link), link);
  }
});

test('the parser lets no HTML through', () => {
  const html = makeParser().render('<script>x</script> <img src=x onerror=y>\n\n<div onclick=z>\n\n![p](http://t/x.png) ![q](javascript:1)\n\n|a|\n|--:|\n|b|');
  assert.ok(!/<(script|img|div)/.test(html), html);
  assert.ok(!html.includes('style='), html);
  assert.ok(html.includes('class="align-right"'), html);
});

// Trees of turns, requests, settings, files and pictures.
import assert from 'node:assert/strict';
import test from 'node:test';
import {loadParts} from './tools.mjs';

const {
  emptyFold,
  newConversation,
  withTurn,
  withoutTurn,
  shownPath,
  pathTo,
  stepBranch,
  branchPlace,
  titleOf,
  matches,
  children,
  readSettings,
  readNumber,
  defaultSettings,
  chatBody,
  messagesOf,
  userMessage,
  writeHistory,
  readHistory,
  sniffType,
  jpegOrientation,
  fittingSize,
  fromDataUrl,
} = await loadParts([
  'model/exchange_file.ts',
  'model/pictures.ts',
  'model/settings.ts',
  'model/tree.ts',
  'wire/chunks.ts',
  'wire/request.ts',
]);

// question a -> answers b and c; c -> question d. Another beginning e.
const turn = (id, parent, role, created, fields = {}) => ({
  id,
  parent,
  role,
  created,
  text: role === 'user' ? id : '',
  pictures: [],
  chosen: 0,
  model: '',
  error: '',
  answers: role === 'assistant' ? [{...emptyFold().answers[0], text: id, finish: 'stop'}] : [],
  ...fields,
});
const ids = (turns) => turns.map((each) => each.id).join('');
const tree = () =>
  [
    turn('a', '', 'user', 1),
    turn('b', 'a', 'assistant', 2),
    turn('c', 'a', 'assistant', 3),
    turn('d', 'c', 'user', 4),
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
    {role: 'system', content: 'Be brief.'},
    {role: 'user', content: 'a'},
    {role: 'assistant', content: 'c'},
    {
      role: 'user',
      content: [
        {type: 'image_url', image_url: {url: 'data:p'}},
        {type: 'text', text: 'd'},
      ],
    },
  ]);
  const plain = chatBody(defaultSettings, 'm', messages);
  assert.deepEqual(Object.keys(plain).sort(), ['messages', 'model', 'return_progress', 'stream', 'stream_options']);
  const set = chatBody(
    {
      ...defaultSettings,
      temperature: 0,
      budget: 0,
      bestOf: 4,
      rewardModel: 'r',
      maxTiles: 6,
      maxTokens: 5,
      seed: 0,
      topP: 0.5,
    },
    'm',
    messages,
  );
  assert.deepEqual(
    [
      set.temperature,
      set.thinking,
      set.best_of,
      set.reward_model,
      set.max_tiles,
      set.max_completion_tokens,
      set.seed,
      set.top_p,
    ],
    [0, {enabled: true, budget_tokens: 0}, 4, 'r', 6, 5, 0, 0.5],
  );
  assert.deepEqual(chatBody({...defaultSettings, isThinking: false, budget: 5}, 'm', []).thinking, {enabled: false});
  assert.deepEqual(userMessage('', ['u']).content.length, 1);
});

test('a question that never got an answer is left out, so that roles take turns', () => {
  const failed = turn('b', 'a', 'assistant', 2, {answers: [], error: 'down'});
  const path = [turn('a', '', 'user', 1), failed, turn('d', 'b', 'user', 3)];
  assert.deepEqual(
    messagesOf(path, '', String).map((each) => each.content),
    ['d'],
  );
});

test('settings of any shape become valid ones', () => {
  assert.deepEqual(readSettings('x'), defaultSettings);
  const read = readSettings({
    temperature: 99,
    bestOf: 'many',
    model: 7,
    theme: 'pink',
    maxTokens: 1.6,
    budget: null,
    isThinking: false,
  });
  assert.deepEqual(
    [read.temperature, read.bestOf, read.model, read.theme, read.maxTokens, read.budget, read.isThinking],
    [2, 1, '', 'auto', 2, null, false],
  );
  assert.deepEqual(
    [readNumber('temperature', ''), readNumber('temperature', 'x'), readNumber('bestOf', '99')],
    [null, null, 16],
  );
});

test('an export is read back as it was', () => {
  const file = {conversations: [tree()], pictures: {p: 'data:image/png;base64,AAAA'}};
  assert.deepEqual(readHistory(writeHistory(file)), file);
});

test('an import of any shape is refused in words or cleaned', () => {
  const read = (fields) =>
    readHistory(JSON.stringify({format: 'r1v-conversations', version: 1, conversations: [], ...fields}));
  assert.throws(() => readHistory('{'), /no JSON/);
  assert.throws(() => readHistory('{"a":1}'), /no export/);
  assert.throws(() => read({version: 2}), /later version/);
  assert.deepEqual(
    read({pictures: {a: 'https://tracker.invalid/x', b: 'data:text/html;base64,AA', __proto__: 'x'}}).pictures,
    {},
  );
  const odd = {
    id: 'x',
    title: 5,
    turns: {a: {id: '../a'}, b: {id: 'b', role: 'user', pictures: ['p', 7, '<']}, c: {id: 'c', role: 'system'}},
  };
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
  const tiff = [
    ...(isLittle ? [0x49, 0x49] : [0x4d, 0x4d]),
    ...two(42),
    ...four(8),
    ...two(1),
    ...two(0x0112),
    ...two(3),
    ...four(1),
    ...two(value),
    0,
    0,
  ];
  const exif = [0x45, 0x78, 0x69, 0x66, 0, 0, ...tiff];
  return Uint8Array.from([
    0xff,
    0xd8,
    0xff,
    0xe0,
    0,
    4,
    0,
    0,
    0xff,
    0xe1,
    0,
    exif.length + 2,
    ...exif,
    0xff,
    0xda,
    0,
    2,
  ]);
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

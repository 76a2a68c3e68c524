// What comes off the wire: events, refusals, chunks.
import assert from 'node:assert/strict';
import test from 'node:test';
import {loadParts} from './tools.mjs';

const {SseReader, readEvents, failureOf, ApiFailure, streamChat, emptyFold, foldChunk, progressOf} = await loadParts([
  'wire/api.ts',
  'wire/chunks.ts',
  'wire/sse.ts',
]);

test('events survive any cut of the stream, any line end, comments and events of several lines', () => {
  const stream = ': keep-alive\r\n\r\ndata: {"a":1}\n\nevent: x\rdata:b\rdata: c\r\rdata: \u00e4\n\n: end\n\n';
  for (let cut = 0; cut <= stream.length; ++cut) {
    for (const second of [cut, Math.min(cut + 1, stream.length)]) {
      const reader = new SseReader();
      const events = [stream.slice(0, cut), stream.slice(cut, second), stream.slice(second)].flatMap((piece) =>
        reader.feed(piece),
      );
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
    const stream = streamChat('k', {}, new AbortController().signal, (id) => ids.push(id));
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
  fetched.mock.mockImplementation(async () => {
    throw new TypeError('network');
  });
  await assert.rejects(read(), (error) => error.kind === 'down');
});

const delta = (fields, finish = null, index = 0) => ({choices: [{index, delta: fields, finish_reason: finish}]});

test('thinking under either name and the answer are kept apart; the usage gives the true counts', () => {
  const chunks = [
    delta({role: 'assistant', content: ''}),
    delta({reasoning_content: 'so ', reasoning: 'so '}),
    delta({reasoning: 'what'}),
    delta({content: 'five'}),
    {choices: [{index: 0, delta: {}, finish_reason: 'length', finish_detail: 'loop'}]},
    {choices: [], usage: {completion_tokens: 9, completion_tokens_details: {reasoning_tokens: 4}}},
  ];
  const before = chunks.slice(0, 4).reduce(foldChunk, emptyFold());
  // 'so what' has 7 letters: a guess of 7 / 4, rounded up
  assert.deepEqual([before.answers[0].thinkingTokens, before.answers[0].isCounted], [2, false]);
  const [answer] = chunks.reduce(foldChunk, emptyFold()).answers;
  assert.deepEqual(answer, {
    thinking: 'so what',
    text: 'five',
    thinkingTokens: 4,
    isCounted: true,
    tokens: 9,
    finish: 'loop',
    score: null,
  });
});

test('candidates grow beside each other, and the end gives their scores; the repeated winner is not added again', () => {
  const message = (content) => ({content, reasoning_content: 'hm'});
  const chunks = [
    delta({role: 'assistant', content: ''}),
    {choices: [], candidate: {index: 1, reasoning_content: 'hm'}},
    {choices: [], candidate: {index: 1, content: 'five'}},
    {choices: [], candidate: {index: 0, content: 'si'}},
    {choices: [], candidate: {index: 0, content: 'x'}},
    delta({content: 'five'}),
  ];
  const grown = chunks.reduce(foldChunk, emptyFold());
  assert.deepEqual(
    grown.answers.map((each) => [each.thinking, each.text]),
    [
      ['', 'six'],
      ['hm', 'five'],
    ],
  );
  const end = {
    ...delta({}, 'stop'),
    best_of: {
      chosen: 1,
      candidates: [
        {index: 0, score: -1.5, message: message('six'), finish_reason: 'stop', finish_detail: 'stop'},
        {
          index: 1,
          score: 2,
          message: message('five'),
          finish_reason: 'stop',
          finish_detail: 'budget',
          completion_tokens: 7,
          reasoning_tokens: 3,
        },
      ],
    },
  };
  const {answers, chosen} = foldChunk(grown, end);
  assert.equal(chosen, 1);
  assert.deepEqual(
    answers.map((each) => [each.text, each.score, each.finish]),
    [
      ['six', -1.5, 'stop'],
      ['five', 2, 'budget'],
    ],
  );
  assert.deepEqual([answers[1].tokens, answers[1].thinkingTokens, answers[1].isCounted], [7, 3, true]);
});

test('chunks of any shape do no harm', () => {
  const odd = [
    null,
    3,
    [],
    {choices: 3},
    {choices: [null, {index: -1}, {index: 1e9, delta: {content: 'x'}}, {index: 0.5}]},
    {best_of: null},
    {candidate: 'x'},
    {best_of: {candidates: []}},
  ];
  const {answers} = odd.reduce(foldChunk, emptyFold());
  assert.equal(answers.map((each) => each.text).join(''), '');
  assert.equal(progressOf(null), null);
});

test('progress counts pictures and tokens', () => {
  const chunk = {prompt_progress: {total: 80, processed: 40, pictures_total: 2, pictures_processed: 1}};
  assert.deepEqual(progressOf(chunk), {pictures: 2, picturesDone: 1, promptTokens: 80, promptTokensDone: 40});
});

// The official openai client of npm, unchanged, against a live server.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {test} from 'node:test';
import {pathToFileURL} from 'node:url';

// Packages stand where scripts/setup.sh put them, not beside this file.
const load = createRequire(pathToFileURL(`${process.env.R1V_CLIENTS}/package.json`));
const OpenAI = load('openai').default;
const {zodResponseFormat, zodTextFormat} = load('openai/helpers/zod');
const {z} = load('zod');

const model = 'r1v-mini';
const client = new OpenAI({baseURL: `${process.env.R1V_URL}/v1`, apiKey: process.env.R1V_KEY, maxRetries: 0});
const picture = readFileSync(new URL('../../examples/bar_chart.png', import.meta.url)).toString('base64');
const messages = [{role: 'user', content: 'What is 12 + 30?'}];
const pictureMessages = [{role: 'user', content: [
  {type: 'image_url', image_url: {url: `data:image/png;base64,${picture}`}},
  {type: 'text', text: 'Which bar is the highest?'},
]}];

test('chat with a picture', async () => {
  const reply = await client.chat.completions.create({model, messages: pictureMessages, max_completion_tokens: 400});
  assert.ok(reply.choices[0].message.content);
  assert.ok(reply.choices[0].message.reasoning_content);
  assert.ok(reply.usage.prompt_tokens_details.image_tokens > 0);
});

test('a stream adds up to the whole answer', async () => {
  const whole = await client.chat.completions.create({model, messages, max_tokens: 300, temperature: 0});
  let text = '', usage = null;
  const stream = await client.chat.completions.create({
    model, messages, max_tokens: 300, temperature: 0, stream: true, stream_options: {include_usage: true},
  });
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? '';
    usage = chunk.usage ?? usage;
  }
  assert.equal(text, whole.choices[0].message.content);
  assert.equal(usage.completion_tokens, whole.usage.completion_tokens);
});

test('the stream helper', async () => {
  const stream = client.chat.completions.stream({model, messages, max_tokens: 300});
  const final = await stream.finalChatCompletion();
  assert.ok(final.choices[0].message.content);
});

test('logprobs and several answers', async () => {
  const reply = await client.chat.completions.create({model, messages, max_tokens: 300, n: 2, logprobs: true, top_logprobs: 2});
  assert.equal(reply.choices.length, 2);
  const bytes = reply.choices[1].logprobs.content.flatMap((token) => token.bytes);
  assert.equal(Buffer.from(bytes).toString(), reply.choices[1].message.content);
});

test('structured output by zod', async () => {
  const Reading = z.object({label: z.enum(['first', 'second']), value: z.number().int().min(0).max(99), is_certain: z.boolean()});
  const reply = await client.chat.completions.parse({
    model, messages: pictureMessages, max_tokens: 600, temperature: 1.2, thinking: {budget_tokens: 50},
    response_format: zodResponseFormat(Reading, 'reading'),
  });
  assert.deepEqual(Reading.parse(reply.choices[0].message.parsed), reply.choices[0].message.parsed);
});

test('responses: whole, streamed, parsed', async () => {
  const reply = await client.responses.create({model, input: 'What is 12 + 30?', max_output_tokens: 300});
  assert.ok(reply.output_text);
  let text = '', last = null;
  for await (const event of await client.responses.create({model, input: 'What is 12 + 30?', max_output_tokens: 300, stream: true})) {
    if (event.type === 'response.output_text.delta') text += event.delta;
    last = event;
  }
  assert.equal(last.type, 'response.completed');
  assert.equal(text, reply.output_text);
  const Sum = z.object({total: z.number().int().min(0).max(99)});
  const parsed = await client.responses.parse({
    model, input: 'What is 12 + 30?', max_output_tokens: 600, thinking: {budget_tokens: 50}, text: {format: zodTextFormat(Sum, 'sum')},
  });
  assert.equal(typeof parsed.output_parsed.total, 'number');
});

test('completions and models', async () => {
  const reply = await client.completions.create({model, prompt: 'Hello', max_tokens: 5});
  assert.equal(reply.usage.completion_tokens, 5);
  const names = (await client.models.list()).data.map((entry) => entry.id);
  assert.ok(names.includes(model));
});

test('errors have their classes', async () => {
  await assert.rejects(client.chat.completions.create({model, messages, temprature: 1}), (error) => {
    assert.ok(error instanceof OpenAI.BadRequestError);
    assert.equal(error.param, 'temprature');
    return true;
  });
  await assert.rejects(client.chat.completions.create({model: 'none', messages}), OpenAI.NotFoundError);
  await assert.rejects(client.withOptions({apiKey: 'wrong'}).models.list(), OpenAI.AuthenticationError);
  await assert.rejects(client.chat.completions.create(
    {model, messages, n: 8, max_tokens: 3000, temperature: 1.5, logit_bias: {0: -100, 2: -100}}, {timeout: 200},
  ), OpenAI.APIConnectionTimeoutError);
});

test('a stream that is left early ends', async () => {
  const stream = await client.chat.completions.create(
    {model, messages, max_tokens: 3000, temperature: 1.5, logit_bias: {0: -100, 2: -100}, stream: true});
  let count = 0;
  for await (const _ of stream) if (++count === 5) break;
  assert.ok(stream.controller.signal.aborted);
});

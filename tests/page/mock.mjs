// Stands in for the server: the built page under the server's own policy, and scripted answers in its wire format.
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import {fileURLToPath} from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const types = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain',
};

// The very policy that the server sends, out of its source.
function policy() {
  const source = fs.readFileSync(path.join(root, 'src/serve/static_files.cpp'), 'utf8');
  const literals = /kPolicy =([^;]*?(?:"[^"]*"\s*)+);/s.exec(source)?.[1]?.match(/"[^"]*"/g) ?? [];
  const text = literals.map((each) => each.slice(1, -1)).join('');
  if (!text.includes("default-src 'none'"))
    throw new Error('src/serve/static_files.cpp holds no policy that this test finds');
  return text;
}

const answers = {
  picture: {
    thinking:
      'The picture shows a board. I count the shapes row by row: three circles, then two squares. That makes five in all.',
    text: 'There are **five** shapes:\n\n1. three circles\n2. two squares\n\nSo the total is $3 + 2 = \\boxed{5}$.',
  },
  maths: {
    thinking: 'Complete the square.',
    text: [
      'For $ax^2 + bx + c = 0$ with $a \\ne 0$:',
      '',
      '$$x = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}$$',
      '',
      'The sum \\(\\sum_{i=1}^{n} i\\) is \\[\\frac{n(n+1)}{2}\\]',
      '',
      '| n | sum |',
      '|--:|:---:|',
      '| 10 | 55 |',
      '| 100 | 5050 |',
      '',
      '```python',
      'def total(n):',
      '    return n * (n + 1) // 2',
      '```',
      '',
      'It costs $5 and $6. \\begin{align*} a &= b \\\\ &= c \\end{align*}',
      '',
      'Broken: $\\frac{1}{$ and $\\underbrace{a+b}_{n} \\xrightarrow{f} \\cancel{x} \\color{red}{y}$',
      '',
      '$$\\left\\{\\begin{array}{l|r} 1 & 2 \\\\ \\hline 3 & 4 \\end{array}\\right. \\overbrace{\\widehat{abc}}^{k}$$',
    ].join('\n'),
  },
  hostile: {
    thinking: '<script>window.pwned = 1</script><img src=x onerror="window.pwned = 2">',
    text: [
      '<script>window.pwned = 3</script>',
      '<img src=x onerror="window.pwned = 4">',
      '<style>body{display:none}</style><b style="color:red" onmouseover="window.pwned=9">bold</b>',
      '[a](javascript:window.pwned=5) [b](JaVaScRiPt:window.pwned=6) [c](data:text/html,<script>window.pwned=7</script>)',
      '<javascript:alert(1)> [d](vbscript:x) [e](file:///etc/passwd) [good](https://example.org/x "t\\" onclick=\\"window.pwned=8")',
      '![track](http://tracker.invalid/p.png?x=1) ![x](javascript:1)',
      '<iframe src="https://example.org"></iframe>',
      '$\\href{javascript:window.pwned=10}{x}$ $\\htmlStyle{position:fixed}{y}$ $\\includegraphics{http://tracker.invalid/q.png}$',
      '$\\htmlData{x=1}{z}$ $\\url{javascript:1}$',
      '<svg onload="window.pwned=11"><math><mtext></mtext></math></svg>',
      '[ref]: javascript:window.pwned=12',
      '[ref]',
      '<a href="https://example.org" onclick="window.pwned=13">l</a>',
      '&lt;script&gt;window.pwned=14&lt;/script&gt;',
      '```html\n<script>window.pwned=15</script>\n```',
      '```"><script>window.pwned=16</script>\nx\n```',
    ].join('\n\n'),
  },
  plain: {thinking: '', text: 'A short answer.'},
};

const judged = [
  {thinking: 'One way.', text: 'It is **4**.', score: -1.25},
  {thinking: 'Another way.', text: 'Count again: $3 + 2 = 5$. The answer is **5**.', score: 3.5},
  {thinking: 'A third.', text: 'Maybe 6?', score: -4},
  {thinking: 'A fourth.', text: 'The answer is 5.', score: 2.75},
];

const textOf = (content) => (typeof content === 'string' ? content : content.map((part) => part.text ?? '').join(' '));
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const pieces = (text) => text.match(/\s*\S{1,6}/gs) ?? [];

class Mock {
  key = ''; // asked for where it is not ""
  busy = 0; // so many questions are still refused with 429
  isLoading = false;
  pieceMs = 4;
  requests = []; // bodies of chat questions
  scored = [];
  gone = 0; // streams whose client left before the end
  ended = new Set(); // requests whose thinking was ended
  numRequests = 0;

  constructor(out) {
    this.out = out;
    this.policy = policy();
    this.server = http.createServer((request, response) => {
      this.handle(request, response).catch((error) => response.destroy(error));
    });
  }

  async start() {
    await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }

  sendFile(address, response) {
    const file = path.join(this.out, address === '/' ? 'page.html' : address);
    if (!/^\/(assets\/[\w.-]+)?$/.test(address) || !fs.existsSync(file)) return response.writeHead(404).end();
    const type = address === '/' ? 'text/html' : types[path.extname(address)];
    response.writeHead(200, {'Content-Type': `${type}; charset=utf-8`, 'Content-Security-Policy': this.policy});
    response.end(fs.readFileSync(file));
  }

  refuse(response, status, message, headers = {}) {
    response.writeHead(status, {'Content-Type': 'application/json', ...headers});
    response.end(JSON.stringify({error: {message, type: 'error', param: null, code: null}}));
  }

  async handle(request, response) {
    const address = new URL(request.url, this.url).pathname;
    if (request.method === 'GET' && !address.startsWith('/v1/')) return this.sendFile(address, response);
    if (this.isLoading) return this.refuse(response, 503, 'the models are being loaded', {'Retry-After': '1'});
    if (this.key !== '' && request.headers.authorization !== `Bearer ${this.key}`) {
      return this.refuse(response, 401, 'this server asks for an API key');
    }
    let body = '';
    for await (const piece of request) body += piece;
    const json = (value) => {
      response.writeHead(200, {'Content-Type': 'application/json'});
      response.end(JSON.stringify(value));
    };
    const id = /^\/v1\/requests\/([\w-]+)\/end_thinking$/.exec(address)?.[1];
    if (id) return this.ended.add(id) && json({id});
    if (address === '/v1/models') return json({object: 'list', data: this.models()});
    if (address === '/v1/score') return json(this.score(JSON.parse(body)));
    if (address === '/v1/chat/completions') return this.chat(JSON.parse(body), response);
    return this.refuse(response, 404, 'there is no such route');
  }

  models() {
    const facts = {object: 'model', created: 0, owned_by: 'r1v', max_model_len: 4096, architecture: 'mock', sees: true};
    return [
      {...facts, id: 'mock-vl', answers: true, scores: false},
      {...facts, id: 'mock-reward', answers: false, scores: true},
    ];
  }

  // The longer an answer, the better it is.
  score({model, messages, answers: given}) {
    this.scored.push({model, messages, answers: given});
    const data = given.map((answer, index) => ({object: 'score', index, score: answer.length / 10}));
    return {object: 'list', model, data};
  }

  async chat(body, response) {
    this.requests.push(body);
    if (this.busy > 0) {
      this.busy -= 1;
      return this.refuse(response, 429, 'too many questions are waiting', {'Retry-After': '2'});
    }
    const question = textOf(body.messages.at(-1).content);
    if (question.includes('refused')) return this.refuse(response, 400, 'temperature: 9 is above 2');
    const id = `request-${++this.numRequests}`;
    response.writeHead(200, {'Content-Type': 'text/event-stream', 'X-Request-Id': id});
    let isGone = false;
    response.on('close', () => (isGone = !response.writableEnded));
    const send = async (fields) => {
      if (isGone) return;
      response.write(
        `data: ${JSON.stringify({id: `chatcmpl-${id}`, object: 'chat.completion.chunk', choices: [], ...fields})}\n\n`,
      );
      await pause(this.pieceMs);
    };
    await this.tell(body, question, id, send, () => isGone);
    if (isGone) return void (this.gone += 1);
    if (question.includes('break off')) return response.destroy();
    response.end('data: [DONE]\n\n');
  }

  async tell(body, question, id, send, isGone) {
    const delta = (fields, finish = null) => ({choices: [{index: 0, delta: fields, finish_reason: finish}]});
    await send(delta({role: 'assistant', content: ''}));
    const numPictures = body.messages
      .flatMap((each) => (Array.isArray(each.content) ? each.content : []))
      .filter((part) => part.type === 'image_url').length;
    for (const done of [0, 40, 80]) {
      await send({
        prompt_progress: {
          total: 80,
          processed: done,
          pictures_total: numPictures,
          pictures_processed: done === 0 ? 0 : numPictures,
        },
      });
      if (question.includes('wait')) await pause(1500);
    }
    if (body.best_of > 1) return this.tellBest(body, question, send);
    const script =
      Object.entries(answers).find(([name]) => question.includes(name))?.[1] ??
      (numPictures > 0 ? answers.picture : answers.plain);
    const isThinking = body.thinking?.enabled !== false;
    let tokens = 0;
    const thoughts = !isThinking ? [] : question.includes('slow') ? Array(2000).fill(' hmm') : pieces(script.thinking);
    for (const thought of thoughts) {
      if (isGone() || this.ended.has(id)) break;
      tokens += 1;
      await send(delta({reasoning_content: thought, reasoning: thought}));
    }
    const reasoning = tokens;
    const words = question.includes('long') ? Array(400).fill('word ') : pieces(script.text);
    for (const word of words) {
      if (isGone()) return;
      tokens += 1;
      await send(delta({content: word}));
    }
    await send({choices: [{index: 0, delta: {}, finish_reason: 'stop', finish_detail: 'stop'}]});
    await send({
      usage: {
        prompt_tokens: 80,
        completion_tokens: tokens,
        total_tokens: 80 + tokens,
        completion_tokens_details: {reasoning_tokens: reasoning},
      },
    });
  }

  async tellBest(body, question, send) {
    const candidates = judged
      .slice(0, body.best_of)
      .map((each) => ({...each, score: question.includes('even') ? 1 : each.score}));
    const streams = candidates.flatMap(({thinking, text}, index) => [
      ...pieces(thinking).map((piece) => ({index, reasoning_content: piece, reasoning: piece})),
      ...pieces(text).map((piece) => ({index, content: piece})),
    ]);
    for (const candidate of streams) await send({candidate});
    const scores = candidates.map((each) => each.score);
    const chosen = scores.indexOf(Math.max(...scores));
    const best = {
      chosen,
      choose: 'judge',
      reward_model: 'mock-reward',
      judged_tokens: 99,
      candidates: candidates.map(({thinking, text, score}, index) => ({
        index,
        score,
        finish_reason: 'stop',
        finish_detail: 'stop',
        completion_tokens: 12,
        reasoning_tokens: 5,
        message: {role: 'assistant', content: text, reasoning_content: thinking, reasoning: thinking},
      })),
    };
    await send({choices: [{index: 0, delta: {content: candidates[chosen].text}, finish_reason: null}]});
    await send({choices: [{index: 0, delta: {}, finish_reason: 'stop', finish_detail: 'stop'}], best_of: best});
    await send({usage: {prompt_tokens: 80, completion_tokens: 40, total_tokens: 120}});
  }
}

export const startMock = (out) => new Mock(out).start();

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const mock = await startMock(path.resolve(process.argv[2]));
  console.log(mock.url);
}

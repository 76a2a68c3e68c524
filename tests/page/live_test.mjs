// The page in Chromium against a running server: node live_test.mjs URL [--shots FOLDER] [--key KEY]
// The server has a model that answers and sees, and one that scores: `r1v serve` alone does.
import assert from 'node:assert/strict';
import path from 'node:path';
import {after, before, test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import {ask, attach, checkAccess, finished, openPage, phone, shooter, startBrowser} from './browser.mjs';
import {button, lastAnswer} from './places.mjs';

const {values, positionals} = parseArgs({
  allowPositionals: true,
  options: {shots: {type: 'string'}, key: {type: 'string', default: ''}},
});
const url = (positionals[0] ?? '').replace(/\/$/, '');
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const chart = path.join(root, 'examples/bar_chart.png');
const question = 'How many more apples than pears were sold?';
const shoot = shooter(values.shots);
let browser;

before(async () => {
  browser = await startBrowser();
});
after(() => browser.close());

async function open(options = {}) {
  const watch = await openPage(browser, url, {
    expected: ['401'],
    init: values.key === '' ? undefined : `sessionStorage.setItem('r1v-key', ${JSON.stringify(values.key)})`,
    ...options,
  });
  await watch.page.waitForFunction(() => document.querySelector('.chip + .chip'));
  return watch;
}

async function askAboutChart(page, text) {
  await attach(page, chart);
  await ask(page, text);
}

test('the page and its files come compressed, tagged and under the policy', async () => {
  const page = await fetch(`${url}/`);
  assert.match(page.headers.get('Content-Security-Policy'), /^default-src 'none'/);
  assert.doesNotMatch(page.headers.get('Content-Security-Policy'), /unsafe/);
  const html = await page.text();
  const files = [...html.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map((each) => each[1]);
  assert.equal(files.length, 3);
  let bytes = 0;
  for (const file of files) {
    const reply = await fetch(url + file, {headers: {'Accept-Encoding': 'gzip'}});
    assert.equal(reply.status, 200);
    bytes += Number(reply.headers.get('Content-Length'));
    await reply.arrayBuffer();
    const again = await fetch(url + file, {
      headers: {'Accept-Encoding': 'gzip', 'If-None-Match': reply.headers.get('ETag')},
    });
    assert.equal(again.status, 304);
  }
  assert.ok(bytes > 0 && bytes <= 300_000, `${bytes} bytes`);
});

test('a question about a picture is answered, with thinking and its exact count', async () => {
  const {page, close} = await open();
  await askAboutChart(page, question);
  await finished(page);
  assert.notEqual((await lastAnswer(page).textContent()).trim(), '');
  assert.match(await page.locator('.fold').textContent(), /Thought\d[\d,]* tokens/);
  await page.locator('.fold').click();
  await shoot(page, 'live-answer');
  await checkAccess(page, 'a live answer');
  await close();
});

// The little model thinks for a blink; forbidden to end its thinking by itself, it goes on until it is told to.
async function forbidEnding(page) {
  const reply = await fetch(`${url}/tokenize`, {
    method: 'POST',
    headers: {'Content-Type': 'application/json', ...(values.key && {Authorization: `Bearer ${values.key}`})},
    body: JSON.stringify({prompt: '</think><|im_end|><|endoftext|>', parse_special: true}),
  });
  const bias = Object.fromEntries((await reply.json()).tokens.map((id) => [id, -100]));
  await page.route('**/v1/chat/completions', (route) =>
    route.continue({postData: JSON.stringify({...route.request().postDataJSON(), logit_bias: bias, temperature: 1})}),
  );
}

test('the thinking is ended while it runs', async () => {
  const {page, close} = await open();
  await forbidEnding(page);
  await askAboutChart(page, question);
  await button(page, 'Stop thinking').waitFor();
  await page.getByRole('button', {name: /^Thinking.*[1-9]\d tokens/}).waitFor();
  await button(page, 'Stop thinking').click();
  await page.waitForFunction(() => document.querySelector('.answer > .prose')?.textContent.trim() !== '');
  await button(page, 'Stop thinking').waitFor({state: 'hidden'});
  await page.keyboard.press('Escape');
  await finished(page);
  await close();
});

test('candidates come with their scores, the best one first in rank', async () => {
  const {page, close} = await open();
  await button(page, 'Best of 4').click();
  await askAboutChart(page, question);
  await finished(page);
  const scores = (await page.locator('.candidate .score').allTextContents()).map((text) =>
    Number(text.replace('Score ', '').replace('\u2212', '-')),
  );
  assert.equal(scores.length, 4);
  assert.ok(scores.every(Number.isFinite));
  const chosen = await page
    .locator('.candidate')
    .evaluateAll((list) => list.findIndex((card) => card.classList.contains('chosen')));
  assert.equal(scores[chosen], Math.max(...scores));
  await shoot(page, 'live-candidates');
  await close();
});

test('answers are ranked', async () => {
  const {page, close} = await open();
  await button(page, 'Score answers').click();
  await page.getByRole('textbox', {name: 'Question'}).fill(question);
  await attach(page, chart);
  await page.getByRole('textbox', {name: 'Answer 1'}).fill('5');
  await page.getByRole('textbox', {name: 'Answer 2'}).fill('The answer is 12.');
  await button(page, 'Rank').click();
  await page.getByRole('heading', {name: 'Ranking'}).waitFor();
  const scores = (await page.locator('.ranked .score').allTextContents()).map((text) =>
    Number(text.replace('Score ', '').replace('\u2212', '-')),
  );
  assert.ok(scores.length === 2 && scores[0] >= scores[1], String(scores));
  await shoot(page, 'live-scores');
  await close();
});

test('settings reach the server, and its refusals reach the user', async () => {
  const {page, close} = await open({expected: ['400', '401']});
  await button(page, 'Settings').click();
  await page.getByLabel('Temperature').fill('0');
  await page.getByLabel('Longest answer').fill('12');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Escape');
  await ask(page, 'What is 2 + 3?');
  await finished(page);
  await page.getByText('Cut off: the longest answer allowed was reached.').waitFor();
  await button(page, 'Best of 4').click();
  await ask(page, 'And 3 + 4?');
  await page.getByRole('alert').waitFor();
  await shoot(page, 'live-refused');
  await close();
});

test('on a phone in the dark', async () => {
  const {page, close} = await open({viewport: phone, hasTouch: true, isMobile: true, colorScheme: 'dark'});
  await askAboutChart(page, question);
  await finished(page);
  await shoot(page, 'live-phone');
  await checkAccess(page, 'a live answer on a phone');
  await close();
});

test('a question that was stopped leaves the server free for the next', async () => {
  const {page, close} = await open();
  await ask(page, 'Count from 1 to 1000.');
  await page.locator('.thinking, .answer .prose').first().waitFor({state: 'attached'});
  await page.keyboard.press('Escape');
  await finished(page);
  await ask(page, 'What is 2 + 3?');
  await finished(page);
  assert.notEqual((await lastAnswer(page).textContent()).trim(), '');
  assert.equal(await page.getByRole('alert').count(), 0);
  await close();
});

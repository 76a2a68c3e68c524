// Asking, thinking, candidates, scores and hostile answers, in Chromium against the scripted server.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {ask, attach, finished, openPage, pictureFile} from './browser.mjs';
import {lastAnswer, button} from './places.mjs';
import {scene} from './scene.mjs';

test('a question about a picture is answered with thinking folded away', async () => {
  const {page, close} = await openPage(scene.browser, scene.mock.url);
  await attach(page, pictureFile());
  await scene.shoot(page, 'picture-added');
  await ask(page, 'How many discs?');
  await finished(page);
  assert.match(await lastAnswer(page).textContent(), /There are five shapes:/);
  assert.equal(await lastAnswer(page).locator('.katex').count(), 1);
  const fold = page.getByRole('button', {name: /^Thought/});
  assert.match(await fold.textContent(), /\d+ tokens/);
  assert.equal(await fold.getAttribute('aria-expanded'), 'false');
  await fold.click();
  await page.getByText('I count the shapes row by row').waitFor();
  const [{messages}] = scene.mock.requests;
  assert.match(messages[0].content[0].image_url.url, /^data:image\/png;base64,/);
  assert.equal(messages[0].content[1].text, 'How many discs?');
  await button(page, 'Show picture large').click();
  await page.keyboard.press('Escape');
  await scene.shoot(page, 'picture-answer');
  await close();
});

test('a large or turned picture is made to fit, a fitting one is sent as it is', async () => {
  const {page, close} = await openPage(scene.browser, scene.mock.url);
  const small = pictureFile('small.png', 40, 30);
  await attach(page, [small, pictureFile('wide.png', 9000, 20)]);
  await ask(page, 'look');
  await finished(page);
  const [first, second] = scene.mock.requests[0].messages[0].content.map((part) => part.image_url?.url);
  assert.equal(first, `data:image/png;base64,${small.buffer.toString('base64')}`);
  assert.equal(Buffer.from(second.split(',')[1], 'base64').readUInt32BE(16), 8192);
  await close();
});

test('pictures can be pasted and dropped; what is none is refused kindly', async () => {
  const {page, close} = await openPage(scene.browser, scene.mock.url);
  const give = (kind, name, type, bytes) =>
    page.evaluate(
      ([eventKind, fileName, mime, list]) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([new Uint8Array(list)], fileName, {type: mime}));
        const field = document.getElementById('question');
        const event =
          eventKind === 'paste'
            ? new ClipboardEvent('paste', {clipboardData: transfer, bubbles: true, cancelable: true})
            : new DragEvent('drop', {dataTransfer: transfer, bubbles: true, cancelable: true});
        field.dispatchEvent(event);
      },
      [kind, name, type, [...bytes]],
    );
  await give('paste', 'a.png', 'image/png', pictureFile('a', 20, 20).buffer);
  await page.getByRole('img', {name: 'Picture 1'}).waitFor();
  await give('drop', 'b.png', 'image/png', pictureFile('b', 20, 20).buffer);
  await page.getByRole('img', {name: 'Picture 2'}).waitFor();
  await give('drop', 'c.png', 'image/png', Buffer.from('<svg onload="x">'));
  await page.getByText('c.png is no picture that this browser can read.').waitFor();
  await button(page, 'Remove picture 1').click();
  assert.equal(await page.locator('.tray li').count(), 1);
  await close();
});

test('thinking streams with its count and ends on request', async () => {
  const {page, close} = await openPage(scene.browser, scene.mock.url);
  await ask(page, 'slow picture please');
  const stop = button(page, 'Stop thinking');
  await stop.waitFor();
  await page.getByRole('button', {name: /^Thinking.*[1-9]\d tokens/}).waitFor();
  await page.locator('.thinking .fold').click();
  await scene.shoot(page, 'thinking');
  await stop.click();
  await finished(page);
  assert.ok(scene.mock.ended.has('request-1'));
  assert.match(await lastAnswer(page).textContent(), /five shapes/);
  await close();
});

test('Esc stops an answer, and what has come stays', async () => {
  const {page, close} = await openPage(scene.browser, scene.mock.url);
  scene.mock.pieceMs = 20;
  await ask(page, 'long');
  await page.getByText('word word word word').waitFor();
  await page.keyboard.press('Escape');
  await finished(page);
  await page.getByText('Stopped.').first().waitFor();
  assert.match(await lastAnswer(page).textContent(), /word word/);
  await assert.doesNotReject(async () => {
    for (let i = 0; scene.mock.gone === 0; ++i) {
      if (i > 50) throw new Error('the stream goes on');
      await page.waitForTimeout(50);
    }
  });
  await close();
});

test('candidates stand side by side with their scores; another one can be taken', async () => {
  const {page, close} = await openPage(scene.browser, scene.mock.url);
  await button(page, 'Best of 4').click();
  await ask(page, 'How many?');
  await finished(page);
  assert.equal(scene.mock.requests[0].best_of, 4);
  const cards = page.locator('.candidate');
  assert.equal(await cards.count(), 4);
  assert.deepEqual(await page.locator('.candidate .score').allTextContents(), [
    'Score \u22121.25',
    'Score 3.50',
    'Score \u22124.00',
    'Score 2.75',
  ]);
  assert.match(await page.locator('.candidate.chosen').textContent(), /Best.*The answer is 5.*In use/s);
  const tops = await cards.evaluateAll((list) => list.slice(0, 2).map((card) => card.getBoundingClientRect().top));
  assert.equal(tops[0], tops[1]);
  await scene.shoot(page, 'candidates');
  await cards.nth(3).getByRole('button', {name: 'Use this answer'}).click();
  await button(page, 'Best of 4').click();
  await ask(page, 'And now?');
  await finished(page);
  assert.equal(scene.mock.requests[1].messages[1].content, 'The answer is 5.');
  await close();
});

test('candidates with the same score have places of their own', async () => {
  const {page, close} = await openPage(scene.browser, scene.mock.url);
  await button(page, 'Best of 4').click();
  await ask(page, 'even?');
  await finished(page);
  assert.deepEqual(await page.locator('.candidate-name').allTextContents(), ['Best', 'No. 2', 'No. 3', 'No. 4']);
  await close();
});

test('a question is edited and answered again; arrows lead between the versions', async () => {
  const {page, close} = await openPage(scene.browser, scene.mock.url);
  await ask(page, 'first wording');
  await finished(page);
  await button(page, 'Another answer').click();
  await finished(page);
  await page.getByText('2/2').waitFor();
  await page.getByRole('article', {name: 'Question'}).hover();
  await button(page, 'Edit question').click();
  await page.getByRole('textbox', {name: 'Edited question'}).fill('second wording');
  await button(page, 'Ask again').click();
  await finished(page);
  assert.equal(scene.mock.requests.length, 3);
  const question = page.getByRole('article', {name: 'Question'});
  await scene.shoot(page, 'branches');
  await question.getByRole('button', {name: 'Previous version'}).click();
  await page.getByText('first wording', {exact: true}).last().waitFor();
  await question.getByRole('button', {name: 'Next version'}).click();
  await question.getByText('second wording').waitFor();
  await close();
});

test('answers are ranked in the score view', async () => {
  const {page, close} = await openPage(scene.browser, scene.mock.url);
  await button(page, 'Score answers').click();
  await page.getByRole('textbox', {name: 'Question'}).fill('How many discs?');
  await attach(page, pictureFile());
  await page.getByRole('textbox', {name: 'Answer 1'}).fill('Three.');
  await page.getByRole('textbox', {name: 'Answer 2'}).fill('There are $4$ discs: red, blue, yellow and green.');
  await button(page, 'Add an answer').click();
  await page.getByRole('textbox', {name: 'Answer 3'}).fill('Four discs.');
  await button(page, 'Rank').click();
  await page.getByRole('heading', {name: 'Ranking'}).waitFor();
  const ranked = (await page.locator('.ranked .prose').allTextContents()).map((text) => text.trim());
  assert.match(ranked[0], /red, blue/);
  assert.equal(ranked[2], 'Three.');
  assert.deepEqual(await page.locator('.ranked .score').allTextContents(), ['Score 4.90', 'Score 1.10', 'Score 0.60']);
  assert.equal(scene.mock.scored[0].answers.length, 3);
  assert.match(scene.mock.scored[0].messages[0].content[0].image_url.url, /^data:image\/png/);
  await scene.shoot(page, 'scores');
  await close();
});

test('the answers of a chat go to the score view with question and picture', async () => {
  const {page, close} = await openPage(scene.browser, scene.mock.url);
  await ask(page, 'picture?');
  await finished(page);
  await button(page, 'Another answer').click();
  await finished(page);
  await button(page, 'Score the answers to this question').click();
  assert.equal(await page.getByRole('textbox', {name: 'Question'}).inputValue(), 'picture?');
  assert.equal(await page.getByRole('textbox', {name: /^Answer/}).count(), 2);
  await button(page, 'Rank').click();
  await page.getByRole('heading', {name: 'Ranking'}).waitFor();
  await page.keyboard.press('Alt+j');
  await button(page, 'Score the answers to this question').click();
  await page.getByRole('heading', {name: 'Which answer is better?'}).waitFor();
  assert.equal(await page.getByRole('heading', {name: 'Ranking'}).count(), 0);
  await close();
});

test('a hostile answer stays text', async () => {
  const {page, close} = await openPage(scene.browser, scene.mock.url);
  await ask(page, 'hostile');
  await finished(page);
  await page.getByRole('button', {name: /^Thought/}).click();
  await page.waitForTimeout(300);
  assert.equal(await page.evaluate(() => window.pwned), undefined);
  const found = await page.evaluate(() => {
    const roots = [...document.querySelectorAll('.prose')];
    const elements = roots.flatMap((root) => [...root.querySelectorAll('*')]);
    return {
      tags: elements
        .map((each) => each.localName)
        .filter((name) => /^(script|img|iframe|style|object|embed|form|link|meta|base)$/.test(name)),
      handlers: elements.flatMap((each) =>
        [...each.attributes].map((attribute) => attribute.name).filter((name) => name.startsWith('on')),
      ),
      links: elements
        .filter((each) => each.localName === 'a')
        .map((each) => [each.getAttribute('href'), each.rel, each.target]),
    };
  });
  assert.deepEqual(found.tags, []);
  assert.deepEqual(found.handlers, []);
  assert.ok(found.links.length >= 1);
  for (const [href, rel, target] of found.links) {
    assert.match(href, /^(https?:|mailto:)/);
    assert.match(rel, /noopener/);
    assert.equal(target, '_blank');
  }
  await scene.shoot(page, 'hostile');
  await close();
});

test('formulas of every kind are drawn under the policy', async () => {
  const {page, close} = await openPage(scene.browser, scene.mock.url);
  await ask(page, 'maths');
  await finished(page);
  assert.equal(await lastAnswer(page).locator('.katex').count(), 8);
  assert.equal(await lastAnswer(page).locator('.broken-math').count(), 1);
  const root = lastAnswer(page).locator('.katex .sqrt svg').first();
  assert.ok((await root.boundingBox()).width > 20);
  await button(page, 'Copy this code').click();
  await page.getByText('Copied').waitFor();
  await page.evaluate(() => scrollTo(0, 0));
  await scene.shoot(page, 'maths');
  await close();
});

test('reading of pictures and question shows how far it is', async () => {
  const {page, close} = await openPage(scene.browser, scene.mock.url);
  await attach(page, pictureFile('a.png', 40, 30));
  await ask(page, 'wait');
  await page.getByText('Looking at picture 1 of 1').waitFor();
  await page.getByText('Reading the question: 40 of 80 tokens').waitFor();
  await scene.shoot(page, 'progress');
  await finished(page);
  await close();
});

// The page in Chromium against the scripted server: node browser_test.mjs BUILT [--shots FOLDER]
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {after, before, beforeEach, test} from 'node:test';
import {ask, checkAccess, desk, finished, openPage, phone, pictureFile, shooter, startBrowser} from './browser.mjs';
import {startMock} from './mock.mjs';

const [built, flag, folder] = process.argv.slice(2);
const shoot = shooter(flag === '--shots' ? folder : undefined);
let browser;
let mock;

before(async () => {
  browser = await startBrowser();
});
after(() => browser.close());
beforeEach(async () => {
  mock?.stop();
  mock = await startMock(path.resolve(built));
});
after(() => mock?.stop());

const answerText = (page) => page.getByRole('article', {name: 'Answer'}).last().locator('.prose').last();
const button = (page, name) => page.getByRole('button', {name, exact: true});

test('a question about a picture is answered with thinking folded away', async () => {
  const {page, close} = await openPage(browser, mock.url);
  await page.locator('.picture-input').first().setInputFiles(pictureFile());
  await page.getByRole('img', {name: 'Picture 1'}).waitFor();
  await shoot(page, 'picture-added');
  await ask(page, 'How many discs?');
  await finished(page);
  assert.match(await answerText(page).textContent(), /There are five shapes:/);
  assert.equal(await answerText(page).locator('.katex').count(), 1);
  const fold = page.getByRole('button', {name: /^Thought/});
  assert.match(await fold.textContent(), /\d+ tokens/);
  assert.equal(await fold.getAttribute('aria-expanded'), 'false');
  await fold.click();
  await page.getByText('I count the shapes row by row').waitFor();
  const [{messages}] = mock.requests;
  assert.match(messages[0].content[0].image_url.url, /^data:image\/png;base64,/);
  assert.equal(messages[0].content[1].text, 'How many discs?');
  await button(page, 'Show picture large').click();
  await page.keyboard.press('Escape');
  await shoot(page, 'picture-answer');
  await close();
});

test('a large or turned picture is made to fit, a fitting one is sent as it is', async () => {
  const {page, close} = await openPage(browser, mock.url);
  const small = pictureFile('small.png', 40, 30);
  await page.locator('.picture-input').first().setInputFiles([small, pictureFile('wide.png', 9000, 20)]);
  await page.getByRole('img', {name: 'Picture 2'}).waitFor();
  await ask(page, 'look');
  await finished(page);
  const [first, second] = mock.requests[0].messages[0].content.map((part) => part.image_url?.url);
  assert.equal(first, `data:image/png;base64,${small.buffer.toString('base64')}`);
  assert.equal(Buffer.from(second.split(',')[1], 'base64').readUInt32BE(16), 8192);
  await close();
});

test('pictures can be pasted and dropped; what is none is refused kindly', async () => {
  const {page, close} = await openPage(browser, mock.url);
  const give = (kind, name, type, bytes) => page.evaluate(([eventKind, fileName, mime, list]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array(list)], fileName, {type: mime}));
    const field = document.getElementById('question');
    const event = eventKind === 'paste' ? new ClipboardEvent('paste', {clipboardData: transfer, bubbles: true, cancelable: true})
      : new DragEvent('drop', {dataTransfer: transfer, bubbles: true, cancelable: true});
    field.dispatchEvent(event);
  }, [kind, name, type, [...bytes]]);
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
  const {page, close} = await openPage(browser, mock.url);
  await ask(page, 'slow picture please');
  const stop = button(page, 'Stop thinking');
  await stop.waitFor();
  await page.getByRole('button', {name: /^Thinking.*1\d tokens/}).waitFor();
  await page.locator('.thinking .fold').click();
  await shoot(page, 'thinking');
  await stop.click();
  await finished(page);
  assert.ok(mock.ended.has('request-1'));
  assert.match(await answerText(page).textContent(), /five shapes/);
  await close();
});

test('Esc stops an answer, and what has come stays', async () => {
  const {page, close} = await openPage(browser, mock.url);
  mock.pieceMs = 20;
  await ask(page, 'long');
  await page.getByText('word word word word').waitFor();
  await page.keyboard.press('Escape');
  await finished(page);
  await page.getByText('Stopped.').first().waitFor();
  assert.match(await answerText(page).textContent(), /word word/);
  await assert.doesNotReject(async () => {
    for (let i = 0; mock.gone === 0; ++i) {
      if (i > 50) throw new Error('the stream goes on');
      await page.waitForTimeout(50);
    }
  });
  await close();
});

test('candidates stand side by side with their scores; another one can be taken', async () => {
  const {page, close} = await openPage(browser, mock.url);
  await button(page, 'Best of 4').click();
  await ask(page, 'How many?');
  await finished(page);
  assert.equal(mock.requests[0].best_of, 4);
  const cards = page.locator('.candidate');
  assert.equal(await cards.count(), 4);
  assert.deepEqual(await page.locator('.candidate .score').allTextContents(), ['Score \u22121.25', 'Score 3.50', 'Score \u22124.00', 'Score 2.75']);
  assert.match(await page.locator('.candidate.chosen').textContent(), /Best.*The answer is 5.*In use/s);
  const tops = await cards.evaluateAll((list) => list.slice(0, 2).map((card) => card.getBoundingClientRect().top));
  assert.equal(tops[0], tops[1]);
  await shoot(page, 'candidates');
  await cards.nth(3).getByRole('button', {name: 'Use this answer'}).click();
  await button(page, 'Best of 4').click();
  await ask(page, 'And now?');
  await finished(page);
  assert.equal(mock.requests[1].messages[1].content, 'The answer is 5.');
  await close();
});

test('a question is edited and answered again; arrows lead between the versions', async () => {
  const {page, close} = await openPage(browser, mock.url);
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
  assert.equal(mock.requests.length, 3);
  const question = page.getByRole('article', {name: 'Question'});
  await shoot(page, 'branches');
  await question.getByRole('button', {name: 'Previous version'}).click();
  await page.getByText('first wording', {exact: true}).last().waitFor();
  await question.getByRole('button', {name: 'Next version'}).click();
  await question.getByText('second wording').waitFor();
  await close();
});

test('answers are ranked in the score view', async () => {
  const {page, close} = await openPage(browser, mock.url);
  await button(page, 'Score answers').click();
  await page.getByRole('textbox', {name: 'Question'}).fill('How many discs?');
  await page.locator('.score-question .picture-input').setInputFiles(pictureFile());
  await page.getByRole('img', {name: 'Picture 1'}).waitFor();
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
  assert.equal(mock.scored[0].answers.length, 3);
  assert.match(mock.scored[0].messages[0].content[0].image_url.url, /^data:image\/png/);
  await shoot(page, 'scores');
  await close();
});

test('the answers of a chat go to the score view with question and picture', async () => {
  const {page, close} = await openPage(browser, mock.url);
  await ask(page, 'picture?');
  await finished(page);
  await button(page, 'Another answer').click();
  await finished(page);
  await button(page, 'Score the answers to this question').click();
  assert.equal(await page.getByRole('textbox', {name: 'Question'}).inputValue(), 'picture?');
  assert.equal(await page.getByRole('textbox', {name: /^Answer/}).count(), 2);
  await close();
});

test('everything works by keyboard alone', async () => {
  const {page, close} = await openPage(browser, mock.url);
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') || document.activeElement?.textContent || '');
  assert.equal(await focused(), 'Question');
  await page.keyboard.type('slow');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('picture');
  await page.keyboard.press('Enter');
  await button(page, 'Stop thinking').waitFor();
  await page.keyboard.press('Alt+s');
  await finished(page);
  assert.equal(mock.requests[0].messages[0].content, 'slow\npicture');
  await page.keyboard.press('ArrowUp');
  assert.equal(await focused(), 'Edited question');
  await page.keyboard.press('Escape');
  assert.equal(await focused(), 'Question');
  await page.keyboard.press('Alt+e');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('second');
  await page.keyboard.press('Enter');
  await finished(page);
  assert.equal(mock.requests[1].messages[0].content, 'second');
  await page.keyboard.press('Alt+,');
  await page.getByRole('heading', {name: 'Settings'}).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('heading', {name: 'Settings'}).waitFor({state: 'hidden'});
  await page.keyboard.press('Alt+/');
  await page.getByRole('heading', {name: 'Keyboard'}).waitFor();
  await shoot(page, 'keyboard');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Alt+j');
  await page.getByRole('heading', {name: 'Which answer is better?'}).waitFor();
  await page.keyboard.press('Alt+j');
  await page.keyboard.press('Alt+h');
  await page.waitForFunction(() => document.activeElement?.id === 'search');
  await page.keyboard.press('Alt+n');
  await page.waitForFunction(() => document.activeElement?.id === 'question');
  assert.equal(await page.getByRole('heading', {level: 1}).textContent(), 'New chat');
  const order = [];
  await page.evaluate(() => {
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute('tabindex');
  });
  for (let i = 0; i < 8; ++i) {
    await page.keyboard.press('Tab');
    order.push(await focused());
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle !== 'none');
    assert.ok(outline, `no visible focus on ${order.at(-1)}`);
  }
  assert.deepEqual(order.slice(0, 4), ['Skip to the conversation', 'New chat', 'Score answers', 'Search chats']);
  await close();
});

test('a hostile answer stays text', async () => {
  const {page, close} = await openPage(browser, mock.url);
  await ask(page, 'hostile');
  await finished(page);
  await page.getByRole('button', {name: /^Thought/}).click();
  await page.waitForTimeout(300);
  assert.equal(await page.evaluate(() => window.pwned), undefined);
  const found = await page.evaluate(() => {
    const roots = [...document.querySelectorAll('.prose')];
    const elements = roots.flatMap((root) => [...root.querySelectorAll('*')]);
    return {
      tags: elements.map((each) => each.localName).filter((name) => /^(script|img|iframe|style|object|embed|form|link|meta|base)$/.test(name)),
      handlers: elements.flatMap((each) => [...each.attributes].map((attribute) => attribute.name).filter((name) => name.startsWith('on'))),
      links: elements.filter((each) => each.localName === 'a').map((each) => [each.getAttribute('href'), each.rel, each.target]),
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
  await shoot(page, 'hostile');
  await close();
});

test('formulas of every kind are drawn under the policy', async () => {
  const {page, close} = await openPage(browser, mock.url);
  await ask(page, 'maths');
  await finished(page);
  assert.equal(await answerText(page).locator('.katex').count(), 8);
  assert.equal(await answerText(page).locator('.broken-math').count(), 1);
  const root = answerText(page).locator('.katex .sqrt svg').first();
  assert.ok((await root.boundingBox()).width > 20);
  await button(page, 'Copy this code').click();
  await page.getByText('Copied').waitFor();
  await page.evaluate(() => scrollTo(0, 0));
  await shoot(page, 'maths');
  await close();
});

test('history is kept, found, renamed, deleted, taken back, exported and imported', async () => {
  const {page, close} = await openPage(browser, mock.url);
  await page.locator('.picture-input').first().setInputFiles(pictureFile('a.png', 40, 30));
  await page.getByRole('img', {name: 'Picture 1'}).waitFor();
  await ask(page, 'about zebras');
  await finished(page);
  await button(page, 'New chat').click();
  await ask(page, 'about lions');
  await finished(page);
  await page.waitForTimeout(600);
  await page.reload();
  await page.getByRole('heading', {level: 1, name: 'about lions'}).waitFor();
  await page.getByRole('searchbox').fill('zebras');
  assert.equal(await page.locator('.entry').count(), 1);
  await page.locator('.entry-title').click();
  await page.getByRole('img', {name: 'Picture', exact: true}).waitFor();
  await button(page, 'Rename about zebras').click();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('Stripes and zebras');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', {level: 1, name: 'Stripes and zebras'}).waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), button(page, 'Export all').click()]);
  const file = await download.path();
  assert.equal(JSON.parse(fs.readFileSync(file, 'utf8')).conversations.length, 2);
  await button(page, 'Delete Stripes and zebras').click();
  assert.equal(await page.locator('.entry').count(), 0);
  await button(page, 'Undo').click();
  assert.equal(await page.locator('.entry').count(), 1);
  const second = await openPage(browser, mock.url);
  await second.page.locator('#import').setInputFiles(file);
  await second.page.getByText('2 chats imported.').waitFor();
  await second.page.locator('.entry-title', {hasText: 'Stripes'}).click();
  await second.page.getByRole('img', {name: 'Picture', exact: true}).waitFor();
  await second.page.locator('#import').setInputFiles({name: 'x.json', mimeType: 'application/json', buffer: Buffer.from('[]')});
  await second.page.getByText('This file is no export of this page.').waitFor();
  await second.close();
  await close();
});

test('settings are sent and kept; the key is not, unless asked', async () => {
  mock.key = 'sesame';
  const {page, close} = await openPage(browser, mock.url, {expected: ['401']});
  await page.getByText('this server asks for an API key').waitFor();
  await button(page, 'Enter the key').click();
  await page.getByLabel('API key').fill('sesame');
  await page.keyboard.press('Tab');
  await page.getByText('mock-vl').first().waitFor({state: 'attached'});
  await page.getByLabel('Temperature').fill('0.3');
  await page.getByLabel('Thinking budget').fill('64');
  await page.getByLabel('Longest answer').fill('500');
  await page.getByLabel('Picture tiles').fill('6');
  await page.getByLabel('System prompt').fill('Be brief.');
  await page.keyboard.press('Tab');
  await shoot(page, 'settings');
  await page.keyboard.press('Escape');
  await ask(page, 'hello');
  await finished(page);
  const [body] = mock.requests;
  assert.deepEqual([body.temperature, body.thinking, body.max_completion_tokens, body.max_tiles, body.messages[0].content],
    [0.3, {enabled: true, budget_tokens: 64}, 500, 6, 'Be brief.']);
  const stored = () => page.evaluate(() => [localStorage.getItem('r1v-key'), sessionStorage.getItem('r1v-key'), localStorage.getItem('r1v-settings')]);
  const [local, session, kept] = await stored();
  assert.deepEqual([local, session], [null, 'sesame']);
  assert.ok(!kept.includes('sesame'));
  await button(page, 'Settings').click();
  await page.getByLabel('Keep the key in this browser').check();
  assert.equal((await stored())[0], 'sesame');
  await page.getByLabel('Keep the key in this browser').uncheck();
  assert.equal((await stored())[0], null);
  await close();
});

test('a busy server is asked again after a countdown', async () => {
  const {page, close} = await openPage(browser, mock.url, {expected: ['429']});
  mock.busy = 1;
  await ask(page, 'hello');
  await page.getByText(/Asking again in [12] s\./).waitFor();
  await shoot(page, 'busy');
  await finished(page);
  assert.match(await answerText(page).textContent(), /^A short answer\.\s*$/);
  assert.equal(mock.requests.length, 2);
  await close();
});

test('a server that is down, refuses or breaks off is told kindly, and can be asked again', async () => {
  const {page, close} = await openPage(browser, mock.url, {expected: ['400', 'ERR_', 'Failed to load']});
  await ask(page, 'refused');
  await page.getByRole('alert').getByText('temperature: 9 is above 2').waitFor();
  await button(page, 'Try again').click();
  await page.waitForFunction(() => document.querySelectorAll('[role=alert]').length === 1);
  assert.equal(mock.requests.length, 2);
  assert.equal(await page.getByRole('group', {name: 'Versions'}).count(), 0);
  await ask(page, 'please break off');
  await page.getByRole('alert').getByText('The connection').waitFor();
  mock.stop();
  await ask(page, 'anyone?');
  await page.getByText('The server does not answer.').first().waitFor();
  await shoot(page, 'down');
  await button(page, 'Try again').last().waitFor();
  await close();
});

test('a server that is loading is waited for', async () => {
  mock.isLoading = true;
  const {page, close} = await openPage(browser, mock.url, {expected: ['503']});
  await page.getByText('The server is loading its models').waitFor();
  mock.isLoading = false;
  await page.getByText('The server is loading its models').waitFor({state: 'hidden'});
  await close();
});

test('reading of pictures and question shows how far it is', async () => {
  const {page, close} = await openPage(browser, mock.url);
  await page.locator('.picture-input').first().setInputFiles(pictureFile('a.png', 40, 30));
  await page.getByRole('img', {name: 'Picture 1'}).waitFor();
  await ask(page, 'wait');
  await page.getByText('Looking at picture 1 of 1').waitFor();
  await page.getByText('Reading the question: 40 of 80 tokens').waitFor();
  await shoot(page, 'progress');
  await finished(page);
  await close();
});

test('a screen reader hears of phases, not of tokens', async () => {
  const {page, close} = await openPage(browser, mock.url);
  await page.evaluate(() => {
    window.heard = [];
    new MutationObserver(() => window.heard.push(document.getElementById('announcement').textContent))
      .observe(document.getElementById('announcement'), {childList: true, characterData: true, subtree: true});
  });
  await ask(page, 'picture and a long one');
  await finished(page);
  assert.deepEqual(await page.evaluate(() => window.heard), ['The question was sent.', 'The model is thinking.', 'The answer begins.', 'The answer is complete.']);
  await close();
});

test('on a phone everything fits, and the chats slide in', async () => {
  const {page, close} = await openPage(browser, mock.url, {viewport: phone, hasTouch: true, isMobile: true});
  await page.locator('.picture-input').first().setInputFiles(pictureFile());
  await page.getByRole('img', {name: 'Picture 1'}).waitFor();
  await button(page, 'Take a photo').waitFor();
  assert.equal(await page.locator('input[capture]').count(), 1);
  await ask(page, 'How many discs?');
  await finished(page);
  await button(page, 'Best of 4').click();
  await ask(page, 'and maths?');
  await finished(page);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= phone.width, `${wide} px wide`);
  await shoot(page, 'phone-candidates');
  await button(page, 'Chats').click();
  await page.getByRole('navigation', {name: 'Chats'}).waitFor();
  await shoot(page, 'phone-chats');
  await button(page, 'Close the list of chats').click();
  await close();
});

// Every view, in both schemes and at both widths.
const views = {
  welcome: async () => {},
  answer: async (page) => {
    await page.locator('.picture-input').first().setInputFiles(pictureFile());
    await page.getByRole('img', {name: 'Picture 1'}).waitFor();
    await ask(page, 'How many discs?');
    await finished(page);
    await page.getByRole('button', {name: /^Thought/}).click();
  },
  maths: async (page) => {
    await ask(page, 'maths');
    await finished(page);
  },
  candidates: async (page) => {
    await button(page, 'Best of 4').click();
    await ask(page, 'How many?');
    await finished(page);
  },
  editing: async (page) => {
    await ask(page, 'first');
    await finished(page);
    await page.keyboard.press('Alt+e');
  },
  failure: async (page) => {
    await ask(page, 'refused');
    await page.getByRole('alert').waitFor();
  },
  scores: async (page) => {
    await page.keyboard.press('Alt+j');
    await page.getByRole('textbox', {name: 'Question'}).fill('How many?');
    await page.getByRole('textbox', {name: 'Answer 1'}).fill('Three.');
    await page.getByRole('textbox', {name: 'Answer 2'}).fill('Four, I think.');
    await button(page, 'Rank').click();
    await page.getByRole('heading', {name: 'Ranking'}).waitFor();
  },
  chats: async (page) => {
    await ask(page, 'a first question');
    await finished(page);
    await page.keyboard.press('Alt+h');
  },
  settings: async (page) => {
    await page.keyboard.press('Alt+,');
    await page.getByRole('heading', {name: 'Settings'}).waitFor();
  },
  help: async (page) => {
    await page.keyboard.press('Alt+/');
    await page.getByRole('heading', {name: 'Keyboard'}).waitFor();
  },
};

for (const [name, show] of Object.entries(views)) {
  test(`axe finds no serious fault: ${name}`, async () => {
    for (const colorScheme of ['light', 'dark']) {
      for (const viewport of [desk, phone]) {
        const {page, check, close} = await openPage(browser, mock.url, {colorScheme, viewport, expected: ['400']});
        await page.waitForFunction(() => document.querySelector('.chip + .chip'));
        await show(page);
        await check();
        await shoot(page, `view-${name}`);
        await checkAccess(page, `${name}, ${colorScheme}, ${viewport.width} px`);
        await close();
      }
    }
  });
}

test('the switch turns dark to light and keeps it', async () => {
  const {page, close} = await openPage(browser, mock.url, {colorScheme: 'dark'});
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const dark = await ground();
  await button(page, 'Light colours').click();
  assert.notEqual(await ground(), dark);
  await page.reload();
  await button(page, 'Dark colours').click();
  assert.equal(await ground(), dark);
  await close();
});

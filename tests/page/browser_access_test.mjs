// Keyboard, screen reader, phone, and what axe says of every view in both schemes and at both widths.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {ask, attach, checkAccess, desk, finished, openPage, phone, pictureFile} from './browser.mjs';
import {button} from './places.mjs';
import {scene} from './scene.mjs';

test('everything works by keyboard alone', async () => {
  const {page, close} = await openPage(scene.browser, scene.mock.url);
  const focused = () =>
    page.evaluate(
      () => document.activeElement?.getAttribute('aria-label') || document.activeElement?.textContent || '',
    );
  assert.equal(await focused(), 'Question');
  await page.keyboard.type('slow');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('picture');
  await page.keyboard.press('Enter');
  await button(page, 'Stop thinking').waitFor();
  await page.keyboard.press('Alt+s');
  await finished(page);
  assert.equal(scene.mock.requests[0].messages[0].content, 'slow\npicture');
  await page.keyboard.press('ArrowUp');
  assert.equal(await focused(), 'Edited question');
  await page.keyboard.press('Escape');
  assert.equal(await focused(), 'Question');
  await page.keyboard.press('Alt+e');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('second');
  await page.keyboard.press('Enter');
  await finished(page);
  assert.equal(scene.mock.requests[1].messages[0].content, 'second');
  await page.keyboard.press('Alt+,');
  await page.getByRole('heading', {name: 'Settings'}).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('heading', {name: 'Settings'}).waitFor({state: 'hidden'});
  await page.keyboard.press('Alt+/');
  await page.getByRole('heading', {name: 'Keyboard'}).waitFor();
  await scene.shoot(page, 'keyboard');
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

/// Where the keyboard is once a shortcut's own work is done: the next key may come before anything else happens.
const focusRightAfter = (page, code) =>
  page.evaluate(async (code) => {
    document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {code, altKey: true, bubbles: true}));
    for (let i = 0; i < 10; ++i) await undefined; // microtasks alone: no frame, no timer
    return document.activeElement?.getAttribute('aria-label') || document.activeElement?.id;
  }, code);

test('the key after a shortcut goes where the shortcut leads', async () => {
  const {page, close} = await openPage(scene.browser, scene.mock.url);
  await ask(page, 'about speed');
  await finished(page);
  assert.equal(await focusRightAfter(page, 'KeyE'), 'Edited question');
  await page.keyboard.press('Escape');
  assert.equal(await focusRightAfter(page, 'KeyH'), 'Search chats');
  assert.equal(await focusRightAfter(page, 'KeyQ'), 'Question');
  assert.equal(await focusRightAfter(page, 'KeyH'), 'Search chats');
  assert.equal(await focusRightAfter(page, 'KeyN'), 'Question');
  assert.equal(await focusRightAfter(page, 'Comma'), 'Close');
  await close();
});

test('the skip link leads to the conversation and leaves it open', async () => {
  const {page, close} = await openPage(scene.browser, scene.mock.url);
  await ask(page, 'about skipping');
  await finished(page);
  await page.locator('.skip').focus();
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'main');
  await page.waitForTimeout(100);
  assert.equal(await page.getByRole('heading', {level: 1}).textContent(), 'about skipping');
  await close();
});

test('a screen reader hears of phases, not of tokens', async () => {
  const {page, close} = await openPage(scene.browser, scene.mock.url);
  await page.evaluate(() => {
    window.heard = [];
    new MutationObserver(() => window.heard.push(document.getElementById('announcement').textContent)).observe(
      document.getElementById('announcement'),
      {childList: true, characterData: true, subtree: true},
    );
  });
  await ask(page, 'picture and a long one');
  await finished(page);
  assert.deepEqual(await page.evaluate(() => window.heard), [
    'The question was sent.',
    'The model is thinking.',
    'The answer begins.',
    'The answer is complete.',
  ]);
  await close();
});

test('on a phone everything fits, and the chats slide in', async () => {
  const {page, close} = await openPage(scene.browser, scene.mock.url, {
    viewport: phone,
    hasTouch: true,
    isMobile: true,
  });
  await attach(page, pictureFile());
  await button(page, 'Take a photo').waitFor();
  assert.equal(await page.locator('input[capture]').count(), 1);
  await ask(page, 'How many discs?');
  await finished(page);
  await button(page, 'Best of 4').click();
  await ask(page, 'and maths?');
  await finished(page);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= phone.width, `${wide} px wide`);
  await scene.shoot(page, 'phone-candidates');
  await button(page, 'Chats').click();
  await page.getByRole('navigation', {name: 'Chats'}).waitFor();
  await scene.shoot(page, 'phone-chats');
  await button(page, 'Close the list of chats').click();
  await close();
});

// Every view, in both schemes and at both widths.
const views = {
  welcome: async () => {},
  answer: async (page) => {
    await attach(page, pictureFile());
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
        const {page, check, close} = await openPage(scene.browser, scene.mock.url, {
          colorScheme,
          viewport,
          expected: ['400'],
        });
        await page.waitForFunction(() => document.querySelector('.chip + .chip'));
        await show(page);
        await check();
        await scene.shoot(page, `view-${name}`);
        await checkAccess(page, `${name}, ${colorScheme}, ${viewport.width} px`);
        await close();
      }
    }
  });
}

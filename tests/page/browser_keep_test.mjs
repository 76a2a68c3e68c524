// History, settings, keys, colours, and servers that are busy, loading or gone.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import {test} from 'node:test';
import {ask, attach, finished, openPage, pictureFile} from './browser.mjs';
import {lastAnswer, button} from './places.mjs';
import {scene} from './scene.mjs';

test('history is kept, found, renamed, deleted, taken back, exported and imported', async () => {
  const {page, close} = await openPage(scene.browser, scene.mock.url);
  await attach(page, pictureFile('a.png', 40, 30));
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
  const second = await openPage(scene.browser, scene.mock.url);
  await second.page.locator('#import').setInputFiles(file);
  await second.page.getByText('2 chats imported.').waitFor();
  await second.page.locator('.entry-title', {hasText: 'Stripes'}).click();
  await second.page.getByRole('img', {name: 'Picture', exact: true}).waitFor();
  await second.page
    .locator('#import')
    .setInputFiles({name: 'x.json', mimeType: 'application/json', buffer: Buffer.from('[]')});
  await second.page.getByText('This file is no export of this page.').waitFor();
  await second.close();
  await close();
});

test('a deleted chat is gone even where the page is closed at once', async () => {
  const {page, close} = await openPage(scene.browser, scene.mock.url);
  await ask(page, 'about secrets');
  await finished(page);
  await page.waitForTimeout(600);
  await page.reload();
  await button(page, 'Delete about secrets').click();
  await page.reload();
  await page.getByText('Your chats are kept in this browser alone.').waitFor();
  await close();
});

test('going back leads through the views one by one', async () => {
  const {page, close} = await openPage(scene.browser, scene.mock.url);
  const address = () => page.evaluate(() => location.hash);
  await ask(page, 'about zebras');
  await finished(page);
  const zebras = await address();
  await button(page, 'Score answers').click();
  await button(page, 'New chat').click();
  await ask(page, 'about lions');
  await finished(page);
  const seen = [];
  for (let i = 0; i < 3; ++i) {
    await page.goBack();
    seen.push(await address());
  }
  assert.deepEqual(seen, ['#/', '#/score', zebras]);
  await page.getByRole('heading', {level: 1, name: 'about zebras'}).waitFor();
  await page.goForward();
  assert.equal(await address(), '#/score');
  await close();
});

test('what was chosen for another server is not asked of this one', async () => {
  const {page, close} = await openPage(scene.browser, scene.mock.url, {
    init: () => localStorage.setItem('r1v-settings', '{"model":"gone","rewardModel":"gone","bestOf":2}'),
  });
  await button(page, 'Best of 2').waitFor();
  await ask(page, 'hello');
  await finished(page);
  const [{model, best_of, reward_model}] = scene.mock.requests;
  assert.deepEqual([model, best_of, reward_model], ['mock-vl', 2, undefined]);
  await close();
});

test('settings are sent and kept; the key is not, unless asked', async () => {
  scene.mock.key = 'sesame';
  const {page, close} = await openPage(scene.browser, scene.mock.url, {expected: ['401']});
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
  await scene.shoot(page, 'settings');
  await page.keyboard.press('Escape');
  await ask(page, 'hello');
  await finished(page);
  const [body] = scene.mock.requests;
  assert.deepEqual(
    [body.temperature, body.thinking, body.max_completion_tokens, body.max_tiles, body.messages[0].content],
    [0.3, {enabled: true, budget_tokens: 64}, 500, 6, 'Be brief.'],
  );
  const stored = () =>
    page.evaluate(() => [
      localStorage.getItem('r1v-key'),
      sessionStorage.getItem('r1v-key'),
      localStorage.getItem('r1v-settings'),
    ]);
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
  const {page, close} = await openPage(scene.browser, scene.mock.url, {expected: ['429']});
  scene.mock.busy = 1;
  await ask(page, 'hello');
  await page.getByText(/Asking again in [12] s\./).waitFor();
  await scene.shoot(page, 'busy');
  await finished(page);
  assert.match(await lastAnswer(page).textContent(), /^A short answer\.\s*$/);
  assert.equal(scene.mock.requests.length, 2);
  await close();
});

test('a server that is down, refuses or breaks off is told kindly, and can be asked again', async () => {
  const {page, close} = await openPage(scene.browser, scene.mock.url, {expected: ['400', 'ERR_', 'Failed to load']});
  await ask(page, 'refused');
  await page.getByRole('alert').getByText('temperature: 9 is above 2').waitFor();
  await button(page, 'Try again').click();
  await page.waitForFunction(() => document.querySelectorAll('[role=alert]').length === 1);
  assert.equal(scene.mock.requests.length, 2);
  assert.equal(await page.getByRole('group', {name: 'Versions'}).count(), 0);
  await ask(page, 'please break off');
  await page.getByRole('alert').getByText('The connection').waitFor();
  scene.mock.stop();
  await ask(page, 'anyone?');
  await page.getByText('The server does not answer.').first().waitFor();
  await scene.shoot(page, 'down');
  await button(page, 'Try again').last().waitFor();
  await close();
});

test('a server that is loading is waited for', async () => {
  scene.mock.isLoading = true;
  const {page, close} = await openPage(scene.browser, scene.mock.url, {expected: ['503']});
  await page.getByText('The server is loading its models').waitFor();
  scene.mock.isLoading = false;
  await page.getByText('The server is loading its models').waitFor({state: 'hidden'});
  await close();
});

test('the switch turns dark to light and keeps it', async () => {
  const {page, close} = await openPage(scene.browser, scene.mock.url, {colorScheme: 'dark'});
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const dark = await ground();
  await button(page, 'Light colours').click();
  assert.notEqual(await ground(), dark);
  await page.reload();
  await button(page, 'Dark colours').click();
  assert.equal(await ground(), dark);
  await close();
});

// A fresh scripted server and one browser for the tests of a file: node browser_..._test.mjs BUILT [--shots FOLDER]
import path from 'node:path';
import {after, before, beforeEach} from 'node:test';
import {shooter, startBrowser} from './browser.mjs';
import {startMock} from './mock.mjs';

const [built, flag, folder] = process.argv.slice(2);
if (!built) {
  console.error('say where the built page is: build/release/src/serve/page');
  process.exit(2);
}

/// Filled before the first test; the server is a new one for each.
export const scene = {browser: undefined, mock: undefined, shoot: shooter(flag === '--shots' ? folder : undefined)};

before(async () => {
  scene.browser = await startBrowser();
});
beforeEach(async () => {
  scene.mock?.stop();
  scene.mock = await startMock(path.resolve(built));
});
after(async () => {
  scene.mock?.stop();
  await scene.browser?.close();
});

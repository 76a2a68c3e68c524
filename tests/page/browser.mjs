// Chromium with everything watched: policy violations, errors, requests to elsewhere, accessibility faults.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import {requireTool} from './tools.mjs';

const {chromium} = requireTool('playwright-core');
const axe = fs.readFileSync(requireTool.resolve('axe-core/axe.min.js'), 'utf8');
const executable = process.env.R1V_CHROMIUM || '/usr/bin/chromium';
export const desk = {width: 1280, height: 860};
export const phone = {width: 390, height: 844};

export async function startBrowser() {
  if (!fs.existsSync(executable)) {
    console.error(`${executable} is missing; install Debian's chromium or set R1V_CHROMIUM`);
    process.exit(1);
  }
  return chromium.launch({executablePath: executable, args: ['--no-sandbox', '--disable-gpu']});
}

/// options: as newContext takes them. expected: console errors that belong to the test.
export async function openPage(browser, url, {expected = [], init, ...options} = {}) {
  const context = await browser.newContext({
    viewport: desk,
    acceptDownloads: true,
    reducedMotion: 'reduce',
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const faults = [];
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('console', (message) => {
    const text = message.text();
    if (message.type() === 'error' && !expected.some((each) => text.includes(each))) faults.push(`console: ${text}`);
  });
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(url))
      faults.push(`request: ${request.url()}`);
  });
  await page.addInitScript(() => {
    window.violations = [];
    document.addEventListener('securitypolicyviolation', (event) => {
      window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
    });
  });
  if (init) await page.addInitScript(init);
  await page.goto(`${url}/`);
  await page.getByRole('heading', {level: 1}).waitFor();
  const watch = {
    page,
    async check() {
      faults.push(...(await page.evaluate(() => window.violations)).map((each) => `policy: ${each}`));
      assert.deepEqual(faults, []);
    },
    async close() {
      await watch.check();
      await context.close();
    },
  };
  return watch;
}

/// Nothing on the whole page may be what axe calls a serious or critical fault.
export async function checkAccess(page, where) {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const {violations} = await window.axe.run(document, {resultTypes: ['violations']});
    return violations.map(({id, impact, nodes}) => ({
      id,
      impact,
      targets: nodes.map((node) => `${node.target.join(' ')}: ${node.failureSummary}`),
    }));
  });
  const bad = found.filter((each) => each.impact === 'serious' || each.impact === 'critical');
  assert.deepEqual(bad, [], `accessibility of ${where}`);
}

const scheme = (page) => page.evaluate(() => (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'));

/// A function that takes pictures of the page, or does nothing where no folder is given.
export function shooter(folder) {
  return async (page, name) => {
    if (!folder) return;
    fs.mkdirSync(folder, {recursive: true});
    const {width} = page.viewportSize();
    await page.screenshot({path: path.join(folder, `${name}-${await scheme(page)}-${width}.png`)});
  };
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

function crc32(bytes) {
  let sum = ~0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; ++bit) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}

/// A PNG of colour discs on paper, for questions about pictures.
export function drawPicture(width, height) {
  const discs = [
    [0.25, 0.35, 0.15, [196, 66, 52]],
    [0.6, 0.3, 0.12, [34, 110, 160]],
    [0.72, 0.7, 0.18, [224, 164, 40]],
    [0.3, 0.75, 0.1, [60, 130, 80]],
  ];
  const rows = Buffer.alloc(height * (3 * width + 1));
  for (let y = 0; y < height; ++y) {
    for (let x = 0; x < width; ++x) {
      const disc = discs.find(
        ([cx, cy, r]) => (x - cx * width) ** 2 + (y - cy * height) ** 2 < (r * Math.min(width, height)) ** 2,
      );
      Buffer.from(disc ? disc[3] : [246, 243, 236]).copy(rows, y * (3 * width + 1) + 1 + 3 * x);
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', zlib.deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

export const pictureFile = (name = 'discs.png', width = 480, height = 320) => ({
  name,
  mimeType: 'image/png',
  buffer: drawPicture(width, height),
});

/// Gives pictures (setInputFiles' forms of them) to the question, and waits until they are there.
export async function attach(page, pictures) {
  await page.locator('.picture-input').first().setInputFiles(pictures);
  const last = [pictures].flat().length;
  await page.getByRole('img', {name: `Picture ${last}`}).waitFor();
}

export async function ask(page, text) {
  await page.getByRole('textbox', {name: 'Question', exact: true}).fill(text);
  await page.keyboard.press('Enter');
}

export const finished = (page) => page.getByRole('button', {name: 'Send'}).waitFor();

// node build.mjs TOOLS OUT: checks types, bundles the page into OUT/assets, writes OUT/static_files.cpp. No network.
import {spawnSync} from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import {createRequire} from 'node:module';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import zlib from 'node:zlib';

const here = path.dirname(fileURLToPath(import.meta.url));
const [tools, out] = process.argv.slice(2).map((folder) => path.resolve(folder));
const modules = path.join(tools, 'node_modules');
const source = path.join(here, 'source');
const esbuild = createRequire(path.join(tools, 'package.json'))('esbuild');
const maxFirstLoadBytes = 300_000; // compressed, KaTeX's fonts aside

const contentTypes = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.woff2': 'font/woff2',
};

function fail(message) {
  console.error(`the page was not built: ${message}`);
  process.exit(1);
}

// The packages lie outside of the source tree; seen through links, sources and packages are neighbours.
function link(target, name) {
  const address = path.join(out, name);
  fs.rmSync(address, {force: true});
  fs.symlinkSync(target, address);
  return address;
}

function checkTypes(linked) {
  const config = path.join(out, 'tsconfig.json');
  fs.writeFileSync(
    config,
    JSON.stringify({
      extends: path.join(here, 'tsconfig.json'),
      compilerOptions: {preserveSymlinks: true},
      include: [`${linked}/**/*`],
    }),
  );
  const checked = spawnSync(process.execPath, [path.join(modules, 'typescript/bin/tsc'), '-p', config], {
    encoding: 'utf8',
  });
  if (checked.status !== 0) fail(`types do not fit\n${checked.stdout}${checked.stderr}`);
}

// Every browser that runs the page knows woff2; the older forms of the fonts stay out.
const woff2Only = {
  name: 'woff2-only',
  setup(build) {
    build.onLoad({filter: /katex\.css$/}, (args) => ({
      contents: fs.readFileSync(args.path, 'utf8').replace(/,\s*url\([^)]*\.(woff|ttf)\) format\("\w+"\)/g, ''),
      loader: 'css',
    }));
  },
};

function bundle() {
  return esbuild
    .build({
      absWorkingDir: out, // relative names below: the hashes are the same wherever the page is built
      entryPoints: {main: 'source/main.tsx', page: 'source/page.css'},
      outdir: 'assets',
      entryNames: '[name]-[hash]',
      assetNames: '[name]-[hash]',
      bundle: true,
      minify: true,
      format: 'esm',
      target: ['es2022'],
      jsx: 'automatic',
      jsxImportSource: 'preact',
      preserveSymlinks: true,
      loader: {'.woff2': 'file'},
      plugins: [woff2Only],
      legalComments: 'none',
      metafile: true,
      write: false,
      logLevel: 'warning',
    })
    .catch(() => fail('esbuild found errors, see above'));
}

// The licence texts of every package that is in the bundle.
function licences(metafile) {
  const names = new Set();
  for (const input of Object.keys(metafile.inputs)) {
    const match = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (match) names.add(match[1]);
  }
  const texts = [...names].sort().map((name) => {
    const folder = path.join(modules, name);
    const {version, license} = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
    const file = fs.readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    if (!file) fail(`${name} has no licence text`);
    return `${name} ${version} (${license})\n\n${fs.readFileSync(path.join(folder, file), 'utf8').trim()}\n`;
  });
  const line = `\n${'-'.repeat(80)}\n\n`;
  return `This page holds the work of others:\n${line}${texts.join(line)}`;
}

function hashed(name, bytes) {
  const {name: stem, ext} = path.parse(name);
  return `${stem}-${crypto.createHash('sha256').update(bytes).digest('hex').slice(0, 8).toUpperCase()}${ext}`;
}

// path -> bytes
function collect(result) {
  const files = new Map();
  for (const file of result.outputFiles) files.set(`/assets/${path.basename(file.path)}`, Buffer.from(file.contents));
  const add = (name, bytes) => {
    const address = `/assets/${hashed(name, bytes)}`;
    files.set(address, bytes);
    return address;
  };
  const asset = (stem, ext) =>
    [...files.keys()].find((name) => name.startsWith(`/assets/${stem}-`) && name.endsWith(ext));
  const values = {
    icon: add('icon.svg', fs.readFileSync(path.join(source, 'icon.svg'))),
    licences: add('licences.txt', Buffer.from(licences(result.metafile))),
    script: asset('main', '.js'),
    style: asset('page', '.css'),
  };
  const html = fs
    .readFileSync(path.join(source, 'page.html'), 'utf8')
    .replace(/\{\{(\w+)\}\}/g, (_, key) => values[key]);
  files.set('/', Buffer.from(html));
  return files;
}

const brotli = (bytes) =>
  zlib.brotliCompressSync(bytes, {params: {[zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes.length}});

function variants(address, bytes) {
  const type = contentTypes[path.extname(address === '/' ? 'page.html' : address)];
  const plain = {address, type, encoding: '', bytes};
  if (type === 'font/woff2') return [plain];
  return [
    plain,
    {...plain, encoding: 'gzip', bytes: zlib.gzipSync(bytes, {level: 9})},
    {...plain, encoding: 'br', bytes: brotli(bytes)},
  ];
}

// What a browser fetches before the first question: everything but fonts and licences, in gzip's larger form.
function checkFirstLoad(entries) {
  const first = entries.filter((entry) => entry.encoding === 'gzip' && !entry.address.includes('/licences-'));
  const bytes = first.reduce((sum, entry) => sum + entry.bytes.length, 0);
  if (bytes > maxFirstLoadBytes)
    fail(`the first load is ${bytes} bytes compressed, at most ${maxFirstLoadBytes} are allowed`);
  return bytes;
}

function writeSource(entries) {
  const folder = path.join(out, 'embedded');
  fs.rmSync(folder, {recursive: true, force: true});
  fs.mkdirSync(folder, {recursive: true});
  let assembly = '';
  let declarations = '';
  let rows = '';
  entries.forEach((entry, index) => {
    const file = path.join(folder, String(index));
    fs.writeFileSync(file, entry.bytes);
    const sha256 = crypto.createHash('sha256').update(entry.bytes).digest('hex');
    assembly += `    ".global r1v_page_${index}\\nr1v_page_${index}:\\n.incbin \\"${file}\\"\\n"\n`;
    declarations += `extern "C" const char r1v_page_${index}[];\n`;
    rows += `    {"${entry.address}", "${entry.type}", {r1v_page_${index}, ${entry.bytes.length}}, "${entry.encoding}", "${sha256}"},\n`;
  });
  fs.writeFileSync(
    path.join(out, 'static_files.cpp'),
    `// Made by src/serve/page/build.mjs.
#include "serve/static_files.h"

asm(".pushsection .rodata\\n"
${assembly}    ".popsection\\n");
${declarations}
namespace r1v {

std::span<const StaticFile> page_assets() {
  static const StaticFile files[] = {
${rows}  };
  return files;
}

}  // namespace r1v
`,
  );
}

// The plain files too, so that tests serve the page without the program.
function writeAssets(entries) {
  fs.rmSync(path.join(out, 'assets'), {recursive: true, force: true});
  fs.mkdirSync(path.join(out, 'assets'), {recursive: true});
  for (const entry of entries.filter((each) => each.encoding === '')) {
    fs.writeFileSync(path.join(out, entry.address === '/' ? 'page.html' : entry.address), entry.bytes);
  }
}

fs.mkdirSync(out, {recursive: true});
link(modules, 'node_modules');
const linked = link(source, 'source');
checkTypes(linked);
const files = collect(await bundle());
const entries = [...files].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([address, bytes]) => variants(address, bytes));
const firstLoad = checkFirstLoad(entries);
writeAssets(entries);
writeSource(entries);
console.error(`the page: ${files.size} files, first load ${Math.ceil(firstLoad / 1000)} kB compressed`);

// Finds the packages that scripts/setup.sh fetched, and the parts of the page that need no browser.
import fs from 'node:fs';
import {createRequire} from 'node:module';
import os from 'node:os';
import path from 'node:path';
import {fileURLToPath, pathToFileURL} from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const cache = process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache');
export const tools = process.env.R1V_PAGE_TOOLS || path.join(cache, 'r1v/page');

if (!fs.existsSync(path.join(tools, 'complete'))) {
  console.error(`the page's packages are not in ${tools}; run scripts/setup.sh or set R1V_PAGE_TOOLS`);
  process.exit(1);
}
export const requireTool = createRequire(path.join(tools, 'package.json'));

/// The exports of several modules of the page, bundled for node.
export async function loadParts(names) {
  const {build} = requireTool('esbuild');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'r1v-page-'));
  const outfile = path.join(folder, 'parts.mjs');
  const contents = names
    .map((name) => `export * from ${JSON.stringify(path.join(root, 'src/serve/page/source', name))};`)
    .join('\n');
  await build({
    stdin: {contents, resolveDir: root},
    bundle: true,
    format: 'esm',
    platform: 'node',
    outfile,
    nodePaths: [path.join(tools, 'node_modules')],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    logLevel: 'warning',
  });
  const parts = await import(pathToFileURL(outfile).href);
  fs.rmSync(folder, {recursive: true});
  return parts;
}

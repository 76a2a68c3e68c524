// Tests the page's pure functions under node: node page_test.js
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const vm = require('node:vm');

for (const name of ['numbers.js', 'select.js']) {
  vm.runInThisContext(fs.readFileSync(path.join(__dirname, name), 'utf8'), {filename: name});
}

test('numbers are short and lose no size', () => {
  assert.strictEqual(shortNumber(0), '0');
  assert.strictEqual(shortNumber(1800), '1800');
  assert.strictEqual(shortNumber(0.123456), '0.1235');
  assert.strictEqual(shortNumber(-1234567), '-1.235e6');
  assert.strictEqual(shortNumber(1e-7), '1e-7');
  assert.strictEqual(shortNumber(4e-5), '4e-5');
  assert.strictEqual(shortNumber(1e10), '1e10');
  assert.strictEqual(shortNumber(null), '\u2013');
  assert.strictEqual(shortNumber(NaN), '\u2013');
});

test('smoothing starts at the first value and keeps a constant', () => {
  assert.deepStrictEqual(smoothed([5, 1], 0), [5, 1]);
  assert.deepStrictEqual(smoothed([3, 3, 3], 0.9).map((value) => value.toFixed(9)), Array(3).fill('3.000000000'));
  // weight 0.5: second = (0.5 x 0.5 x 0 + 0.5 x 6) / (0.25 + 0.5) = 4
  assert.ok(Math.abs(smoothed([0, 6], 0.5)[1] - 4) < 1e-12);
});

test('ticks are round and inside', () => {
  assert.deepStrictEqual(linearTicks(0, 1, 5), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  assert.deepStrictEqual(linearTicks(-0.04, 1.04, 4), [0, 0.5, 1]);
  assert.deepStrictEqual(linearTicks(3, 3, 4), [3]);
  assert.deepStrictEqual(logTicks(0.005, 200, 5), [0.01, 0.1, 1, 10, 100]);
  assert.deepStrictEqual(logTicks(0.9, 11, 5), [1, 2, 5, 10]);
  assert.ok(logTicks(1e-300, 1e300, 5).length <= 8);
  assert.ok(logTicks(1e-300, 1e300, 5).length >= 3);
  assert.ok(logTicks(0.41, 0.47, 5).length >= 2);
});

test('the nearest step is found at ends and between', () => {
  assert.strictEqual(nearestIndex([1, 10, 20], -5), 0);
  assert.strictEqual(nearestIndex([1, 10, 20], 14), 1);
  assert.strictEqual(nearestIndex([1, 10, 20], 16), 2);
  assert.strictEqual(nearestIndex([1, 10, 20], 99), 2);
  assert.strictEqual(nearestIndex([], 3), -1);
});

test('the extent has a margin and leaves out what a logarithm cannot show', () => {
  assert.deepStrictEqual(extentOf([[0, 100]], false), [-4, 104]);
  assert.deepStrictEqual(extentOf([[0]], false), [-1, 1]);
  assert.deepStrictEqual(extentOf([[-1, 0, 4]], true), [2, 8]);
  assert.strictEqual(extentOf([[-1]], true), null);
  assert.strictEqual(extentOf([], false), null);
});

function sample(changes) {
  return {
    run: 0, step: 1, id: 'x', question: 'How many?', text: 'four', gold: '4', extracted: '4', reward: 1, accuracy: 1,
    advantage: 0, length: 5, suspicion: 0, signs: [], ...changes,
  };
}

const everything = {search: '', run: -1, filter: 'all', order: 'suspicion'};

test('the most suspicious sample is first, what has no value last', () => {
  const samples = [sample({id: 'a'}), sample({id: 'b', suspicion: 2}), sample({id: 'c', reward: null, accuracy: null})];
  const ids = (choice) => selectSamples(samples, {...everything, ...choice}).map(({id}) => id);
  assert.deepStrictEqual(ids({}), ['b', 'a', 'c']);
  assert.deepStrictEqual(ids({order: 'reward-low'}), ['a', 'b', 'c']);
  assert.deepStrictEqual(ids({filter: 'suspicious'}), ['b']);
  assert.deepStrictEqual(ids({filter: 'right'}), ['b', 'a']);
  assert.deepStrictEqual(ids({filter: 'not-right'}), []);
});

test('search wants every word, in any field and case', () => {
  const signs = [{kind: 'boxes', why: '2 boxes'}];
  const samples = [sample({id: 'q1'}), sample({id: 'q2', text: 'FIVE (maybe)', signs})];
  const ids = (search) => selectSamples(samples, {...everything, search}).map(({id}) => id);
  assert.deepStrictEqual(ids('five (m'), ['q2']);
  assert.deepStrictEqual(ids('boxes how'), ['q2']);
  assert.deepStrictEqual(ids('four boxes'), []);
  assert.strictEqual(selectSamples(samples, {...everything, run: 1}).length, 0);
});

test('hits are marked whatever they are made of', () => {
  assert.deepStrictEqual(splitAtHits('a+b A+B', 'a+b'), [['a+b', true], [' ', false], ['A+B', true]]);
  assert.deepStrictEqual(splitAtHits('\\boxed{3}', '\\boxed{'), [['\\boxed{', true], ['3}', false]]);
  assert.deepStrictEqual(splitAtHits('abc', ''), [['abc', false]]);
});

test('scripts never turn text into markup', () => {
  for (const name of fs.readdirSync(__dirname).filter((file) => file.endsWith('.js') && file !== 'page_test.js')) {
    const text = fs.readFileSync(path.join(__dirname, name), 'utf8');
    assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacent|document\.write/);
  }
});

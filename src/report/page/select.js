// Which samples are listed, and in what order. Pure functions, no document.
'use strict';

const sampleFilters = [
  ['all', 'all samples', () => true],
  ['suspicious', 'suspicious: any sign', (sample) => sample.suspicion > 0],
  ['wrong', 'wrong, yet rewarded', (sample) => hasSign(sample, 'wrong')],
  ['undecided', 'undecided', (sample) => hasSign(sample, 'undecided')],
  ['format', 'bad form', (sample) => hasSign(sample, 'format')],
  ['length', 'very short or very long', (sample) => hasSign(sample, 'length')],
  ['boxes', 'several answers', (sample) => hasSign(sample, 'boxes')],
  ['repeat', 'repeats the question', (sample) => hasSign(sample, 'repeat')],
  ['right', 'right', (sample) => sample.accuracy !== null && sample.accuracy > 0],
  ['not-right', 'wrong', (sample) => sample.accuracy !== null && sample.accuracy <= 0],
];

const sampleOrders = [
  ['suspicion', 'most suspicious first', (sample) => sample.suspicion, -1],
  ['reward-high', 'highest reward first', (sample) => sample.reward, -1],
  ['reward-low', 'lowest reward first', (sample) => sample.reward, 1],
  ['advantage', 'highest advantage first', (sample) => sample.advantage, -1],
  ['late', 'latest step first', (sample) => sample.step, -1],
  ['early', 'earliest step first', (sample) => sample.step, 1],
  ['long', 'longest first', (sample) => sample.length, -1],
  ['short', 'shortest first', (sample) => sample.length, 1],
];

function hasSign(sample, kind) {
  return sample.signs.some((sign) => sign.kind === kind);
}

function searchedText(sample) {
  const signs = sample.signs.map((sign) => sign.why);
  return [sample.id, sample.question, sample.text, sample.gold, sample.extracted, ...signs].join('\n').toLowerCase();
}

// choice: {search, run (index or -1), filter, order}. Every word of the search has to be found. What has no value for
// the order comes last; equals stay in the order of higher reward, then later step.
function selectSamples(samples, choice) {
  const words = choice.search.toLowerCase().split(/\s+/).filter((word) => word !== '');
  const [, , passes] = sampleFilters.find(([name]) => name === choice.filter);
  const [, , keyOf, sign] = sampleOrders.find(([name]) => name === choice.order);
  const kept = samples.filter((sample) => {
    if (choice.run >= 0 && sample.run !== choice.run) return false;
    if (!passes(sample)) return false;
    if (words.length === 0) return true;
    const text = searchedText(sample);
    return words.every((word) => text.includes(word));
  });
  const compare = (a, b, direction) => {
    if (a === b) return 0;
    if (a === null) return 1;
    if (b === null) return -1;
    return (a - b) * direction;
  };
  return kept.sort((a, b) => compare(keyOf(a), keyOf(b), sign) || compare(a.reward, b.reward, -1) ||
    compare(a.step, b.step, -1));
}

// Splits text into [piece, isHit] where a search word was found; case does not matter.
function splitAtHits(text, search) {
  const words = search.toLowerCase().split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) return [[text, false]];
  const escaped = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const parts = text.split(new RegExp(`(${escaped.join('|')})`, 'gi'));
  return parts.map((part, index) => [part, index % 2 === 1]).filter(([part]) => part !== '');
}

// The tables: runs with their counts, options, last and best values.
'use strict';

function runName(run, index) {
  return make('th', {scope: 'row', class: runClass(index)},
    makeSwatch(), make('bdi', {}, run.name));
}

function makeRunTable(data) {
  const rows = data.runs.map((run, index) => [
    runName(run, index),
    make('td', {}, make('bdi', {}, run.folder)),
    run.last_step === null ? '\u2013' : `${run.first_step}\u2013${run.last_step}`,
    String(run.lines), shortNumber(run.tokens), String(run.samples), String(run.suspicious),
    make('td', {class: 'wrapped'},
      run.notes.length > 0 ? make('ul', {}, run.notes.map((note) => make('li', {}, note))) : '\u2013'),
  ]);
  const head = ['run', 'folder', 'steps', 'lines of metrics', 'tokens', 'samples', 'suspicious', 'what is missing'];
  return makeTable('Runs', head, rows);
}

function optionRow(row) {
  const cells = row.values.map((value) => make('td', {class: 'wrapped'},
    value === null ? make('span', {class: 'quiet'}, 'not there') : make('bdi', {}, value)));
  return [make('th', {scope: 'row'}, row.name), ...cells];
}

function makeOptionTables(data) {
  const head = ['option', ...data.runs.map(({name}) => name)];
  const different = data.options.filter(({differs}) => differs);
  const parts = [];
  if (data.options.length === 0) return [make('p', {class: 'note'}, 'No run has an options.toml.')];
  if (different.length > 0) parts.push(makeTable('Options that differ', head, different.map(optionRow)));
  else if (data.runs.length > 1) parts.push(make('p', {class: 'note'}, 'The runs have the same options.'));
  parts.push(make('details', {}, make('summary', {}, `All ${data.options.length} options`),
    makeTable('All options', head, data.options.map(optionRow))));
  return parts;
}

// [value, step] as text.
function pointText(point) {
  return `${shortNumber(point[0])} (step ${point[1]})`;
}

// The runs whose best value nobody beats; empty when nobody knows what is better, or when all are equal.
function bestRuns(entry) {
  if (entry.better === '') return [];
  const values = entry.runs.map((curve) => {
    if (curve === null || curve.count === 0) return null;
    return entry.better === 'higher' ? curve.highest[0] : -curve.lowest[0];
  });
  const best = Math.max(...values.filter((value) => value !== null));
  const leaders = values.flatMap((value, run) => (value === best ? [run] : []));
  return leaders.length > 1 && values.every((value) => value === null || value === best) ? [] : leaders;
}

function valueRows(data, entry) {
  const present = entry.runs.flatMap((curve, run) => (curve === null ? [] : [[curve, run]]));
  const leaders = bestRuns(entry);
  return present.map(([curve, run], place) => {
    const point = (key, direction) => {
      if (curve.count === 0) return make('td', {}, '\u2013');
      const isBest = entry.better === direction && leaders.includes(run) && curve.lowest[0] < curve.highest[0];
      return make('td', {class: isBest ? 'best' : null}, pointText(curve[key]), isBest ? ' best' : null);
    };
    return [
      ...(place === 0 ? [make('th', {scope: 'rowgroup', rowspan: present.length}, entry.name)] : []),
      runName(data.runs[run], run),
      point('last', 'never'),
      curve.count === 0 ? '\u2013' : shortNumber(curve.late_mean),
      point('lowest', 'lower'),
      point('highest', 'higher'),
      String(curve.count), String(curve.not_finite),
    ];
  });
}

function makeValueTable(data) {
  if (data.curves.length === 0) return make('p', {class: 'note'}, 'There are no values yet.');
  return makeTable('Last and best values',
    ['curve', 'run', 'last', 'mean of the last tenth', 'lowest', 'highest', 'values', 'not finite'],
    data.curves.flatMap((entry) => valueRows(data, entry)));
}

function showTables(data) {
  byId('table-list').append(makeRunTable(data), ...makeOptionTables(data), makeValueTable(data));
}

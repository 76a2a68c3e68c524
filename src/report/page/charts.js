// The section of curves: which runs are shown, smoothing, scale, search by name, charts in groups.
'use strict';

class Charts {
  constructor(data) {
    this.hidden = new Set();
    this.search = '';
    this.view = {
      runs: data.runs,
      smoothing: 0.6,
      isShown: (run) => !this.hidden.has(run),
      moveCursor: (step) => this.moveCursor(step),
      speak: (text) => { byId('spoken').textContent = text; },
    };
    this.charts = data.curves.filter(({runs}) => runs.some((curve) => curve !== null && curve.count > 0))
      .map((entry) => new Chart(entry, this.view));
    if (this.charts.length === 0) {
      const text = 'There are no numbers yet: no metrics.jsonl holds a line.';
      byId('curve-groups').append(make('p', {class: 'note'}, text));
      return;
    }
    byId('curve-tools').append(this.makeRunBoxes(), this.makeSmoothing(), this.makeLogSwitch(), this.makeSearch());
    this.addGroups();
  }

  addGroups() {
    this.groups = [];
    for (const chart of this.charts) {
      let group = this.groups.find(({name}) => name === chart.entry.group);
      if (!group) {
        const grid = make('div', {class: 'charts'});
        const element = make('div', {}, make('h3', {}, chart.entry.group), grid);
        group = {name: chart.entry.group, grid, element, charts: []};
        this.groups.push(group);
      }
      group.charts.push(chart);
      group.grid.append(chart.element);
    }
    this.nothing = make('p', {class: 'note', hidden: true}, 'No curve has such a name.');
    byId('curve-groups').append(...this.groups.map(({element}) => element), this.nothing);
  }

  makeRunBoxes() {
    const boxes = this.view.runs.map((run, index) => {
      const onchange = (event) => {
        if (event.target.checked) this.hidden.delete(index);
        else this.hidden.add(index);
        this.redraw();
      };
      return make('label', {class: runClass(index)}, make('input', {type: 'checkbox', checked: true, onchange}),
        makeSwatch(), make('bdi', {}, run.name));
    });
    return make('fieldset', {class: 'runs'}, make('legend', {}, 'Runs'), boxes);
  }

  makeSmoothing() {
    const output = make('output', {}, this.view.smoothing.toFixed(2));
    const oninput = (event) => {
      this.view.smoothing = Number(event.target.value);
      output.textContent = this.view.smoothing.toFixed(2);
      this.redraw();
    };
    const value = this.view.smoothing;
    const input = make('input', {id: 'smoothing', type: 'range', min: '0', max: '0.99', step: '0.01', value, oninput});
    return make('label', {}, make('span', {}, 'Smoothing'), input, output);
  }

  makeLogSwitch() {
    const onchange = (event) => this.charts.forEach((chart) => chart.setLog(event.target.checked));
    return make('label', {}, make('input', {id: 'log', type: 'checkbox', onchange}),
      make('span', {}, 'Logarithmic scale'));
  }

  makeSearch() {
    const oninput = (event) => {
      this.search = event.target.value.trim().toLowerCase();
      this.filter();
    };
    return make('label', {}, make('span', {}, 'Find a curve'),
      make('input', {id: 'curve-search', type: 'search', placeholder: 'reward', oninput}));
  }

  filter() {
    let found = 0;
    for (const group of this.groups) {
      let inGroup = 0;
      for (const chart of group.charts) {
        const fits = chart.entry.name.toLowerCase().includes(this.search);
        chart.element.hidden = !fits;
        inGroup += fits ? 1 : 0;
      }
      group.element.hidden = inGroup === 0;
      found += inGroup;
    }
    this.nothing.hidden = found > 0;
  }

  redraw() {
    for (const chart of this.charts) chart.draw();
  }

  // One cursor for all charts; drawn once a frame, however often the mouse moves.
  moveCursor(step) {
    this.cursor = step;
    if (this.isWaiting) return;
    this.isWaiting = true;
    requestAnimationFrame(() => {
      this.isWaiting = false;
      for (const chart of this.charts) chart.showCursor(this.cursor);
    });
  }
}

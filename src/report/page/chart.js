// One chart: a number over the steps of several runs, as SVG, with a cursor that mouse, finger and keyboard move.
'use strict';

const chartHeight = 200;
const chartMargin = {left: 54, right: 10, top: 8, bottom: 22};
const fewPoints = 16; // so many are drawn as dots and never smoothed

// Colour and, from the eleventh run on, dashes.
function runClass(index) {
  return `run-${index % 10}${index >= 10 ? ' dashed' : ''}`;
}

class Chart {
  // entry: of data.curves. view: {runs, isShown(index), smoothing, moveCursor(step), speak(text)}, shared by all
  // charts.
  constructor(entry, view) {
    this.entry = entry;
    this.view = view;
    this.isLog = false;
    this.cursor = null;
    this.svg = makeSvg('svg', {'aria-hidden': 'true', height: chartHeight});
    this.note = make('span', {class: 'quiet'});
    this.readings = make('ul', {class: 'readings'});
    this.logButton = make('button', {type: 'button', 'aria-pressed': 'false', onclick: () => this.setLog(!this.isLog)},
      'log');
    this.wideButton = make('button', {type: 'button', 'aria-pressed': 'false', onclick: () => this.toggleWide()},
      'wide');
    const runs = entry.runs.filter((curve) => curve !== null && curve.count > 0).length;
    this.element = make('figure', {
      class: 'chart', tabindex: '0', role: 'group',
      'aria-label': `${entry.name}, ${runs} ${runs === 1 ? 'run' : 'runs'}; arrow keys read the values, ` +
        'L switches to a logarithmic scale',
      onkeydown: (event) => this.onKey(event),
    },
    make('figcaption', {}, make('span', {class: 'name'}, entry.name), this.note, this.logButton, this.wideButton),
    this.svg, this.readings);
    for (const type of ['pointermove', 'pointerdown']) {
      this.svg.addEventListener(type, (event) => view.moveCursor(this.stepAt(event)));
    }
    this.svg.addEventListener('pointerleave', (event) => {
      if (event.pointerType === 'mouse') view.moveCursor(null);
    });
    new ResizeObserver(() => this.draw()).observe(this.svg);
  }

  setLog(isLog) {
    this.isLog = isLog;
    this.logButton.setAttribute('aria-pressed', String(isLog));
    this.draw();
  }

  toggleWide() {
    const isWide = this.element.classList.toggle('wide');
    this.wideButton.setAttribute('aria-pressed', String(isWide));
  }

  // The runs that are drawn: their curve, its smoothed values, their number.
  lines() {
    const lines = [];
    this.entry.runs.forEach((curve, run) => {
      if (curve === null || !this.view.isShown(run)) return;
      const isSmoothed = this.view.smoothing > 0 && curve.count > fewPoints;
      lines.push({curve, run, isSmoothed, smooth: smoothed(curve.values, isSmoothed ? this.view.smoothing : 0)});
    });
    return lines;
  }

  draw() {
    const width = this.svg.clientWidth;
    if (width === 0) return;
    const lines = this.lines();
    const values = lines.flatMap(({curve}) => [curve.low || curve.values, curve.high || curve.values]);
    const extent = extentOf(values, this.isLog);
    this.svg.replaceChildren();
    this.current = lines;
    this.note.textContent = this.noteText(lines, extent);
    this.scale = extent && this.makeScale(width, this.stepsOf(lines), extent);
    if (this.scale) {
      this.svg.append(this.drawAxes(), ...lines.map((line) => this.drawLine(line)));
      this.cursorLayer = makeSvg('g', {class: 'cursor'});
      this.svg.append(this.cursorLayer);
    }
    this.showCursor(this.cursor);
  }

  // From the first to the last step of the runs, so that charts of the same runs can be read below one another.
  stepsOf(lines) {
    const runs = lines.map(({run}) => this.view.runs[run]);
    return [Math.min(...runs.map((run) => run.first_step)), Math.max(...runs.map((run) => run.last_step))];
  }

  noteText(lines, extent) {
    const notes = [];
    const lost = lines.reduce((sum, {curve}) => sum + curve.not_finite, 0);
    if (lost > 0) notes.push(`${lost} not finite`);
    if (this.isLog) {
      const hidden = lines.reduce((sum, {curve}) => sum + curve.values.filter((value) => value <= 0).length, 0);
      if (hidden > 0) notes.push(`${hidden} not above 0`);
    }
    if (!extent) notes.push('nothing to draw');
    return notes.join(', ');
  }

  makeScale(width, [firstStep, lastStep], [low, high]) {
    const {left, right, top, bottom} = chartMargin;
    const inner = width - left - right;
    const steps = lastStep > firstStep ? lastStep - firstStep : 1;
    const on = this.isLog ? Math.log : (value) => value;
    const unit = (chartHeight - top - bottom) / (on(high) - on(low));
    return {
      width, low, high, firstStep, lastStep,
      x: (step) => left + ((step - firstStep) / steps) * inner,
      y: (value) => top + (on(high) - on(value)) * unit,
      step: (x) => firstStep + ((x - left) / inner) * steps,
    };
  }

  drawAxes() {
    const {x, y, width, low, high, firstStep, lastStep} = this.scale;
    const group = makeSvg('g', {class: 'axes'});
    for (const tick of (this.isLog ? logTicks : linearTicks)(low, high, 5)) {
      group.append(
        makeSvg('line', {x1: chartMargin.left, x2: width - chartMargin.right, y1: y(tick), y2: y(tick)}),
        makeSvg('text', {x: chartMargin.left - 6, y: y(tick) + 4, 'text-anchor': 'end'}, shortNumber(tick)));
    }
    for (const tick of linearTicks(firstStep, lastStep, Math.max(3, Math.min(8, Math.floor(width / 80))))) {
      if (!Number.isInteger(tick)) continue;
      group.append(makeSvg('text', {x: x(tick), y: chartHeight - 6, 'text-anchor': 'middle'}, shortNumber(tick)));
    }
    return group;
  }

  drawLine({curve, run, isSmoothed, smooth}) {
    const {x} = this.scale;
    const group = makeSvg('g', {class: `line ${runClass(run)}`});
    if (curve.low) group.append(makeSvg('path', {class: 'band', d: this.bandPath(curve)}));
    if (isSmoothed && !curve.low) {
      group.append(makeSvg('path', {class: 'faint', d: this.linePath(curve.steps, curve.values)}));
    }
    group.append(makeSvg('path', {d: this.linePath(curve.steps, smooth)}));
    if (curve.count <= fewPoints) group.append(...this.dots(curve.steps, curve.values));
    for (const step of curve.gaps) {
      const at = x(step);
      group.append(makeSvg('path', {class: 'gap', d: `M${at - 4} 0h8l-4 7z`}));
    }
    return group;
  }

  // On a logarithmic scale the line is broken where it has no place.
  linePath(steps, values) {
    const {x, y, low} = this.scale;
    let path = '';
    let isOpen = false;
    for (let i = 0; i < steps.length; i += 1) {
      const isDrawn = !this.isLog || values[i] >= low;
      if (isDrawn) path += `${isOpen ? 'L' : 'M'}${x(steps[i]).toFixed(1)} ${y(values[i]).toFixed(1)}`;
      isOpen = isDrawn;
    }
    return path;
  }

  bandPath({steps, low, high}) {
    const {x, y} = this.scale;
    const lowest = this.isLog ? this.scale.low : -Infinity;
    const at = (i, value) => `${x(steps[i]).toFixed(1)} ${y(Math.max(value, lowest)).toFixed(1)}`;
    const upper = steps.map((_, i) => at(i, high[i]));
    const lower = steps.map((_, i) => at(i, low[i])).reverse();
    return `M${upper.concat(lower).join('L')}Z`;
  }

  dots(steps, values) {
    const {x, y} = this.scale;
    return steps.flatMap((step, i) =>
      (!this.isLog || values[i] > 0 ? [makeSvg('circle', {cx: x(step), cy: y(values[i]), r: 2.5})] : []));
  }

  stepAt(event) {
    if (!this.scale) return null;
    return this.scale.step(event.clientX - this.svg.getBoundingClientRect().left);
  }

  // The values at a step (null: the last ones), written below the chart and marked in it.
  showCursor(step) {
    this.cursor = step;
    if (this.scale) this.cursorLayer.replaceChildren();
    const isInside = step !== null && this.scale;
    if (isInside) {
      const at = Math.min(Math.max(step, this.scale.firstStep), this.scale.lastStep);
      this.cursorLayer.append(makeSvg('line', {
        x1: this.scale.x(at), x2: this.scale.x(at), y1: chartMargin.top, y2: chartHeight - chartMargin.bottom}));
    }
    this.readings.replaceChildren(...(this.current || []).map((line) => {
      const {curve, run} = line;
      const index = step === null ? curve.steps.length - 1 : nearestIndex(curve.steps, step);
      if (isInside && index >= 0 && (!this.isLog || line.smooth[index] >= this.scale.low)) {
        this.cursorLayer.append(makeSvg('circle', {
          class: runClass(run), cx: this.scale.x(curve.steps[index]), cy: this.scale.y(line.smooth[index]), r: 4}));
      }
      return make('li', {class: `${runClass(run)}${curve.low ? ' stretched' : ''}`}, makeSwatch(),
        make('bdi', {class: 'run-name'}, this.view.runs[run].name), make('span', {}, this.readingText(line, index)));
    }));
  }

  readingText({curve, isSmoothed, smooth}, index) {
    if (index < 0) return 'no values';
    const isStretch = curve.from !== undefined && curve.from[index] < curve.steps[index];
    const step = isStretch ? `steps ${curve.from[index]}\u2013${curve.steps[index]}` : `step ${curve.steps[index]}`;
    let text = `${shortNumber(curve.values[index])}`;
    if (isSmoothed) text += `, smoothed ${shortNumber(smooth[index])}`;
    if (isStretch) text += `, ${shortNumber(curve.low[index])} to ${shortNumber(curve.high[index])}`;
    return `${text} (${step})`;
  }

  onKey(event) {
    if (event.target !== this.element || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'l' || event.key === 'L') return this.setLog(!this.isLog);
    if (event.key === 'Escape') return this.view.moveCursor(null);
    const moves = {ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -Infinity, End: Infinity};
    if (!(event.key in moves)) return;
    event.preventDefault();
    const steps = [...new Set((this.current || []).flatMap(({curve}) => curve.steps))].sort((a, b) => a - b);
    if (steps.length === 0) return;
    const here = this.cursor === null ? steps.length - 1 : nearestIndex(steps, this.cursor);
    const index = Math.min(Math.max(here + moves[event.key], 0), steps.length - 1);
    this.cursor = steps[index]; // the next key may come before the next frame
    this.view.moveCursor(steps[index]);
    this.view.speak(this.current.map((line) => {
      const name = this.view.runs[line.run].name;
      return `${name}: ${this.readingText(line, nearestIndex(line.curve.steps, steps[index]))}`;
    }).join('; '));
  }
}

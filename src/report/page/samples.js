// The samples: search, filter, order, and each one with what speaks for and against it.
'use strict';

const samplesAtOnce = 20;

class Samples {
  constructor(data) {
    this.data = data;
    const isJudged = data.samples.some(({judged}) => judged);
    this.choice = {search: '', run: -1, filter: 'all', order: isJudged ? 'suspicion' : 'early'};
    if (data.samples.length === 0) {
      byId('sample-count').textContent = 'There are no samples: no samples.jsonl holds a line.';
      return;
    }
    this.addTools(isJudged);
    this.list();
  }

  addTools(isJudged) {
    const change = (key, convert) => (value) => {
      this.choice[key] = convert ? convert(value) : value;
      this.list();
    };
    let timer = 0;
    const oninput = (event) => {
      clearTimeout(timer);
      timer = setTimeout(change('search'), 150, event.target.value);
    };
    const form = byId('sample-tools');
    form.addEventListener('submit', (event) => event.preventDefault());
    form.append(make('label', {}, make('span', {}, 'Search'),
      make('input', {id: 'sample-search', type: 'search', oninput})));
    if (this.data.runs.length > 1) {
      const runs = this.data.runs.map(({name}, index) => [index, name]);
      form.append(makeChoice('Run', [[-1, 'all runs'], ...runs], change('run', Number)));
    }
    if (!isJudged) return;
    form.append(makeChoice('Show', sampleFilters, change('filter')),
      makeChoice('Order', sampleOrders, change('order')));
  }

  list() {
    this.selected = selectSamples(this.data.samples, this.choice);
    this.shown = 0;
    byId('sample-list').replaceChildren();
    byId('sample-count').textContent = `${this.selected.length} of ${this.data.samples.length} samples`;
    this.showMore(false);
  }

  showMore(movesFocus) {
    const list = byId('sample-list');
    if (this.moreButton) this.moreButton.remove();
    const next = this.selected.slice(this.shown, this.shown + samplesAtOnce).map((sample) => this.makeSample(sample));
    this.shown += next.length;
    list.append(...next);
    if (movesFocus && next.length > 0) next[0].focus();
    const left = this.selected.length - this.shown;
    const onclick = () => this.showMore(true);
    this.moreButton = left === 0 ? null : make('button', {type: 'button', class: 'more', onclick},
      `Show ${Math.min(left, samplesAtOnce)} more of ${left}`);
    if (this.moreButton) list.append(this.moreButton);
  }

  makeSample(sample) {
    const title = [];
    if (sample.step !== null) title.push(`step ${sample.step}`);
    if (sample.id !== '') title.push(`sample ${sample.id}`);
    return make('article', {class: 'sample', tabindex: '-1'},
      make('header', {},
        make('h3', {}, title.join(', ') || 'sample'),
        make('span', {class: `tag ${runClass(sample.run)}`}, makeSwatch(),
          make('bdi', {}, this.data.runs[sample.run].name)),
        ...this.verdictTags(sample)),
      sample.signs.length === 0 ? null : make('ul', {class: 'signs', 'aria-label': 'Why it is suspicious'},
        sample.signs.map(({why}) => make('li', {}, make('bdi', {}, why)))),
      this.makeFacts(sample),
      ...this.makePictures(sample),
      sample.question === '' ? null : this.makeText('Question', sample.question, ''),
      this.makeText(sample.judged ? 'Answer of the model' : 'Text', sample.text, sample.scored));
  }

  verdictTags(sample) {
    if (!sample.judged) return [];
    const verdict = sample.accuracy === null ? ['undecided', 'doubt'] :
      sample.accuracy > 0 ? ['right', 'good'] : ['wrong', 'bad'];
    const tags = [make('span', {class: `tag ${verdict[1]}`}, verdict[0])];
    if (sample.format !== null && sample.format <= 0) tags.push(make('span', {class: 'tag bad'}, 'bad form'));
    if (sample.suspicion > 0) {
      tags.push(make('span', {class: 'tag doubt'}, `suspicion ${shortNumber(sample.suspicion)}`));
    }
    return tags;
  }

  makeFacts(sample) {
    const facts = [];
    const add = (name, value, reason) => facts.push(make('div', {}, make('dt', {}, name),
      make('dd', {}, make('bdi', {}, this.marked(value)),
        reason ? make('span', {class: 'quiet'}, ` ${reason}`) : null)));
    const reasons = new Map(sample.reasons);
    if (sample.judged) {
      add('right answer', sample.gold);
      add('answer found', sample.extracted);
      const place = sample.reward === null ? null : `percentile ${Math.round(100 * sample.rank)} of the run`;
      add('reward', shortNumber(sample.reward), place);
    }
    for (const key of ['accuracy', 'format']) {
      if (sample[key] !== null || reasons.has(key)) add(key, shortNumber(sample[key]), reasons.get(key));
      reasons.delete(key);
    }
    if (sample.advantage !== null) add('advantage', shortNumber(sample.advantage));
    if (sample.length !== null) add('tokens', shortNumber(sample.length));
    for (const [name, value] of sample.others) {
      add(name, value, reasons.get(name));
      reasons.delete(name);
    }
    for (const [name, reason] of reasons) add(name, reason);
    return make('dl', {}, facts);
  }

  makePictures(sample) {
    const pictures = sample.pictures.map((index, place) => make('img', {
      src: this.data.pictures[index], alt: `Picture ${place + 1} of the question`, loading: 'lazy'}));
    const problems = sample.picture_problems.map((text) => make('p', {class: 'quiet'}, text));
    return [pictures.length === 0 ? null : make('div', {class: 'pictures'}, pictures), ...problems];
  }

  marked(text) {
    return splitAtHits(text, this.choice.search).map(([piece, isHit]) => (isHit ? make('mark', {}, piece) : piece));
  }

  // The thought is dimmed; in supervised samples, what is not learned.
  makeText(label, text, scored) {
    const close = '</think>';
    const dim = (piece) => (piece === '' ? null : make('span', {class: 'quiet'}, this.marked(piece)));
    let parts = [];
    const scoredAt = scored === '' ? -1 : text.lastIndexOf(scored);
    const thoughtEnd = text.lastIndexOf(close);
    if (scoredAt >= 0) {
      parts = [dim(text.slice(0, scoredAt)), ...this.marked(scored), dim(text.slice(scoredAt + scored.length))];
    } else if (thoughtEnd >= 0) {
      parts = [dim(text.slice(0, thoughtEnd + close.length)), ...this.marked(text.slice(thoughtEnd + close.length))];
    } else {
      parts = this.marked(text);
    }
    return make('div', {class: 'text'}, make('h4', {}, label),
      make('pre', {dir: 'auto', tabindex: text.length > 1500 ? '0' : null}, parts));
  }
}

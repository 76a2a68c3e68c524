// Makes elements. Text only ever becomes text nodes, so no sample can become markup.
'use strict';

const svgSpace = 'http://www.w3.org/2000/svg';

// make('p', {class: 'note', hidden: true, onclick: f}, 'text', element, ...). Attributes that are false or null are
// left out; "on..." are listeners.
function make(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

function makeSvg(tag, attributes, ...children) {
  return fill(document.createElementNS(svgSpace, tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

function byId(id) {
  return document.getElementById(id);
}

// The colour of a run; who cannot see it has the name beside it.
function makeSwatch() {
  return make('span', {class: 'swatch', 'aria-hidden': 'true'});
}

// A labelled <select>; `pairs` are [value, text].
function makeChoice(label, pairs, onchange) {
  const options = pairs.map(([value, text]) => make('option', {value}, text));
  const select = make('select', {onchange: () => onchange(select.value)}, options);
  return make('label', {}, make('span', {}, label), select);
}

// A scrolling frame that the keyboard can scroll too.
function makeFrame(label, table) {
  return make('div', {class: 'frame', role: 'region', tabindex: '0', 'aria-label': label}, table);
}

function makeTable(caption, head, rows) {
  const cells = (tag) => (cell) => (cell instanceof Element ? cell : make(tag, {}, cell));
  return makeFrame(caption, make('table', {},
    make('caption', {}, caption),
    make('thead', {}, make('tr', {}, head.map((text) => make('th', {scope: 'col'}, text)))),
    make('tbody', {}, rows.map((row) => make('tr', {}, row.map(cells('td')))))));
}

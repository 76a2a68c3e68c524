// Starts the page: reads its data, fills the sections, switches the theme.
'use strict';

function showNotes(data) {
  byId('notes').append(...data.notes.map((note) => make('p', {class: 'note'}, note)));
}

function startTheme() {
  const themes = ['automatic', 'light', 'dark'];
  let current = 0;
  byId('theme').addEventListener('click', () => {
    current = (current + 1) % themes.length;
    document.documentElement.dataset.theme = themes[current];
    byId('theme').textContent = `Theme: ${themes[current]}`;
  });
}

function start() {
  const data = JSON.parse(byId('data').textContent);
  startTheme();
  showNotes(data);
  const charts = new Charts(data);
  showTables(data);
  new Samples(data);
  document.documentElement.dataset.charts = charts.charts.length;
}

start();

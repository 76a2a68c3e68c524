// Starts the page: settings, history, the server's models, keys.
import {batch, effect} from '@preact/signals';
import {render} from 'preact';
import {openHistory, saveNow} from './actions/history.ts';
import {findModels, loadSettings} from './actions/server.ts';
import {conversation, conversations, openId, view} from './state.ts';
import {App} from './view/app.tsx';
import {listenToKeys} from './view/shortcuts.ts';

// "#/score" and "#/c/<id>" in the address, so that reloading and going back work.
// In one step: the address must not be written in between.
function showAddress(): void {
  const isScore = location.hash === '#/score';
  const id = /^#\/c\/([\w-]+)$/.exec(location.hash)?.[1] ?? '';
  batch(() => {
    view.value = isScore ? 'score' : 'chat';
    if (!isScore) openId.value = conversations.value.has(id) ? id : '';
  });
}

function writeAddress(): void {
  const chat = conversations.value.has(openId.value) ? `#/c/${openId.value}` : '#/';
  const address = view.value === 'score' ? '#/score' : chat;
  if (address !== (location.hash || '#/')) history.pushState(null, '', address);
  document.title =
    view.value === 'score' ? 'Score answers \u00b7 r1v' : `${conversation.value.title || 'New chat'} \u00b7 r1v`;
}

async function start(): Promise<void> {
  loadSettings();
  void findModels();
  const page = document.getElementById('page');
  if (!page) throw new Error('page.html has no #page');
  await openHistory();
  showAddress();
  page.replaceChildren();
  render(<App licences={page.dataset['licences'] ?? ''} />, page);
  effect(writeAddress);
  listenToKeys();
  addEventListener('popstate', showAddress);
  addEventListener('pagehide', saveNow);
  document.addEventListener('visibilitychange', () => document.hidden && saveNow());
}

void start();

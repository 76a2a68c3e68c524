// The keyboard: one table for what works and for what the help shows.
import {regenerate, lastQuestion, stop, stopThinking} from '../actions/chat.ts';
import {open} from '../actions/history.ts';
import {dialog, editing, isSidebarOpen, run, scoring, view} from '../state.ts';

interface Shortcut {
  keys: string[];
  what: string;
  code?: string; // with Alt; by place on the keyboard, as Alt makes other letters on some systems
  run?: () => void;
}

// Once what was asked for is drawn, and before the next key.
const focus = (id: string) => queueMicrotask(() => document.getElementById(id)?.focus());

export const shortcuts: readonly Shortcut[] = [
  {keys: ['Enter'], what: 'Send the question'},
  {keys: ['Shift', 'Enter'], what: 'New line'},
  {keys: ['\u2191'], what: 'In an empty question: edit the last one'},
  {keys: ['Esc'], what: 'Stop the answer, close what is open'},
  {
    keys: ['Alt', 'S'],
    what: 'Stop thinking, answer now',
    code: 'KeyS',
    run: () => run.value && void stopThinking(run.value.turn),
  },
  {keys: ['Alt', 'R'], what: 'Another answer to the last question', code: 'KeyR', run: () => answerAgain()},
  {keys: ['Alt', 'E'], what: 'Edit the last question', code: 'KeyE', run: () => editLast()},
  {keys: ['Alt', 'N'], what: 'New chat', code: 'KeyN', run: () => (open(''), focus('question'))},
  {keys: ['Alt', 'Q'], what: 'Go to the question field', code: 'KeyQ', run: () => focus('question')},
  {
    keys: ['Alt', 'H'],
    what: 'Search the chats',
    code: 'KeyH',
    run: () => ((isSidebarOpen.value = true), focus('search')),
  },
  {keys: ['Alt', 'J'], what: 'Chat or score view', code: 'KeyJ', run: () => toggleView()},
  {keys: ['Alt', ','], what: 'Settings', code: 'Comma', run: () => (dialog.value = 'settings')},
  {keys: ['Alt', '/'], what: 'This list', code: 'Slash', run: () => (dialog.value = 'help')},
];

function answerAgain(): void {
  const question = lastQuestion();
  if (question) regenerate(question.id);
}

function editLast(): void {
  const question = lastQuestion();
  if (question && !run.value) editing.value = question.id;
}

function toggleView(): void {
  if (view.value === 'score') view.value = 'chat';
  else if (scoring.value.length > 0) view.value = 'score';
}

function onKeyDown(event: KeyboardEvent): void {
  if (document.querySelector('dialog[open]')) return; // dialogs have keys of their own
  if (event.key === 'Escape') {
    if (isSidebarOpen.value) isSidebarOpen.value = false;
    else stop();
    return;
  }
  if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const shortcut = shortcuts.find((each) => each.code === event.code);
  if (!shortcut?.run) return;
  event.preventDefault();
  shortcut.run();
}

export function listenToKeys(): void {
  document.addEventListener('keydown', onKeyDown);
}

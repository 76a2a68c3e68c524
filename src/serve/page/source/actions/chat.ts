// Asking and answering: from the question in the composer to the last chunk of the answer.
import {
  announcement,
  apiKey,
  conversation,
  conversations,
  dialog,
  editing,
  model,
  newId,
  openId,
  run as openRun,
  runs,
  scoring,
  serverFailure,
  settings,
  showToast,
  type Run,
} from '../state.ts';
import type {Settings} from '../model/settings.ts';
import {
  children,
  pathTo,
  shownPath,
  stepBranch,
  titleOf,
  turnOf,
  withoutTurn,
  withTurn,
  type Turn,
} from '../model/tree.ts';
import {ApiFailure, endThinking, streamChat} from '../wire/api.ts';
import {emptyAnswer, emptyFold, foldChunk, progressOf, type Answer} from '../wire/chunks.ts';
import {chatBody, messagesOf} from '../wire/request.ts';
import {ensureOpen, pictureData, update} from './history.ts';

const maxRetries = 5;
const flushMs = 50; // so often does the page draw what has arrived

function makeTurn(role: Turn['role'], parent: string, fields: Partial<Turn>): Turn {
  const empty = {text: '', pictures: [], answers: [], chosen: 0, model: '', error: ''};
  return {id: newId(), parent, role, created: Date.now(), ...empty, ...fields};
}

/// A question at the end of what is shown.
export function ask(text: string, pictures: string[]): void {
  const id = ensureOpen();
  const parent = shownPath(conversation.value).at(-1)?.id ?? '';
  askBehind(id, parent, text, pictures);
}

function askBehind(id: string, parent: string, text: string, pictures: string[]): void {
  const question = makeTurn('user', parent, {text, pictures});
  update(id, (old) => withTurn({...old, title: old.title || titleOf(text, pictures.length)}, question));
  void answer(id, question.id);
}

/// The question again in other words, as a branch beside the first.
export function edit(turnId: string, text: string, pictures: string[]): void {
  const turn = turnOf(conversation.value, turnId);
  editing.value = '';
  if (turn) askBehind(openId.value, turn.parent, text, pictures);
}

/// Another answer to the same question, as a branch beside the first; an attempt that gave nothing makes room.
export function regenerate(turnId: string): void {
  const turn = turnOf(conversation.value, turnId);
  if (!turn || openRun.value) return;
  const isEmpty = turn.role === 'assistant' && turn.answers.every((each) => each.text === '' && each.thinking === '');
  if (isEmpty) update(openId.value, (old) => withoutTurn(old, turnId));
  void answer(openId.value, turn.role === 'user' ? turn.id : turn.parent);
}

/// The conversation goes on with that candidate.
export function choose(turnId: string, index: number): void {
  update(openId.value, (old) => {
    const turn = turnOf(old, turnId);
    return turn ? withTurn(old, {...turn, chosen: index}) : old;
  });
}

export function showBranch(turnId: string, steps: number): void {
  update(openId.value, (old) => stepBranch(old, turnId, steps));
}

export function stop(): void {
  openRun.value?.abort.abort();
}

export async function stopThinking(turnId: string): Promise<void> {
  const run = runs.value.get(turnId);
  if (!run || run.requestId === '' || run.hasEndedThinking) return;
  setRun(turnId, {hasEndedThinking: true});
  try {
    await endThinking(apiKey.value, run.requestId);
  } catch (error) {
    setRun(turnId, {hasEndedThinking: false});
    showToast(error instanceof Error ? error.message : 'The thinking could not be stopped.');
  }
}

function setRun(turnId: string, fields: Partial<Run>): void {
  const run = runs.value.get(turnId);
  if (run) runs.value = new Map(runs.value).set(turnId, {...run, ...fields});
}

function endRun(turnId: string): void {
  const rest = new Map(runs.value);
  rest.delete(turnId);
  runs.value = rest;
}

function setTurn(id: string, turnId: string, fields: Partial<Turn>): void {
  update(id, (old) => {
    const turn = turnOf(old, turnId);
    return turn ? withTurn(old, {...turn, ...fields}) : old;
  });
}

// What was chosen for another server, and this one does not have, is not asked of it.
function servedSettings(): Settings {
  const {rewardModel, bestOf} = settings.value;
  const isServed = scoring.value.some((each) => each.id === rewardModel);
  return {
    ...settings.value,
    rewardModel: isServed ? rewardModel : '',
    bestOf: scoring.value.length > 0 ? bestOf : 1,
  };
}

async function answer(id: string, questionId: string): Promise<void> {
  const turn = makeTurn('assistant', questionId, {model: model.value?.id ?? '', answers: [emptyAnswer()]});
  const abort = new AbortController();
  const fresh = {requestId: '', progress: null, retryAt: 0, hasEndedThinking: false};
  runs.value = new Map(runs.value).set(turn.id, {conversation: id, turn: turn.id, abort, ...fresh});
  update(id, (old) => withTurn(old, turn));
  announcement.value = 'The question was sent.';
  try {
    const path = pathTo(conversations.value.get(id) ?? conversation.value, questionId);
    const urls = await pictureData(path.flatMap((each) => each.pictures));
    const messages = messagesOf(path, settings.value.system, (picture) => urls.get(picture) ?? '');
    const body = chatBody(servedSettings(), turn.model, messages);
    await streamWithRetries(id, turn.id, body, abort.signal);
    announcement.value = 'The answer is complete.';
  } catch (error) {
    finishBroken(id, turn.id, error, abort.signal.aborted);
  } finally {
    endRun(turn.id);
  }
}

function finishBroken(id: string, turnId: string, error: unknown, isStopped: boolean): void {
  const turn = turnOf(conversations.value.get(id) ?? conversation.value, turnId);
  const answers = (turn?.answers ?? []).map((each) => ({...each, finish: each.finish || 'stopped'}));
  if (isStopped) {
    setTurn(id, turnId, {answers});
    announcement.value = 'Stopped.';
    return;
  }
  const message = error instanceof Error ? error.message : 'Something went wrong.';
  setTurn(id, turnId, {answers, error: message});
  announcement.value = `No answer: ${message}`;
  if (error instanceof ApiFailure && error.kind === 'key') {
    serverFailure.value = error;
    dialog.value = 'settings';
  }
}

// A busy server says when to come back; the page shows the time and comes back by itself.
async function streamWithRetries(
  id: string,
  turnId: string,
  body: Record<string, unknown>,
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 0; ; ++attempt) {
    try {
      return await streamOnce(id, turnId, body, signal);
    } catch (error) {
      const mayRetry = error instanceof ApiFailure && (error.kind === 'busy' || error.kind === 'loading');
      if (!mayRetry || attempt >= maxRetries) throw error;
      setRun(turnId, {retryAt: Date.now() + 1000 * error.retryAfterSeconds});
      announcement.value = `${error.message} Asking again in ${error.retryAfterSeconds} seconds.`;
      await pause(1000 * error.retryAfterSeconds, signal);
      setRun(turnId, {retryAt: 0});
    }
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        reject(new Error('stopped'));
      },
      {once: true},
    );
  });
}

async function streamOnce(
  id: string,
  turnId: string,
  body: Record<string, unknown>,
  signal: AbortSignal,
): Promise<void> {
  let fold = emptyFold();
  let announced = '';
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    timer = undefined;
    const phase = phaseOf(fold.answers);
    if (phase !== announced) announcement.value = announced = phase;
    setTurn(id, turnId, {answers: fold.answers});
  };
  try {
    for await (const chunk of streamChat(apiKey.value, body, signal, (requestId) => setRun(turnId, {requestId}))) {
      const progress = progressOf(chunk);
      if (progress) setRun(turnId, {progress});
      fold = foldChunk(fold, chunk);
      timer ??= setTimeout(flush, flushMs);
    }
    fold = {...fold, answers: fold.answers.map((each) => ({...each, finish: each.finish || 'stop'}))};
  } finally {
    clearTimeout(timer);
    setTurn(id, turnId, {answers: fold.answers, chosen: fold.chosen});
  }
}

// A screen reader hears of phases, never of tokens. "" = nothing has come.
function phaseOf(answers: readonly Answer[]): string {
  if (answers.some((each) => each.text !== '')) return 'The answer begins.';
  return answers.some((each) => each.thinking !== '') ? 'The model is thinking.' : '';
}

/// The last question that is shown.
export function lastQuestion(): Turn | undefined {
  return shownPath(conversation.value)
    .filter((turn) => turn.role === 'user')
    .at(-1);
}

/// All answers that a question got, over all branches.
export function answersTo(questionId: string): Answer[] {
  return children(conversation.value, questionId)
    .flatMap((turn) => turn.answers)
    .filter((each) => each.text !== '');
}

// Chunks of a chat completion fold into answers.
import {listAt, numberAt, stringAt, valueAt} from './api.ts';

export interface Answer {
  thinking: string;
  text: string;
  thinkingTokens: number; // guessed until the server tells
  isCounted: boolean; // the server told
  tokens: number; // of the completion, thinking included; 0 = not told
  finish: string; // "" = under way
  score: number | null;
}

export interface Progress {
  pictures: number;
  picturesDone: number;
  promptTokens: number;
  promptTokensDone: number;
}

/// What a stream has told so far.
export interface Fold {
  answers: Answer[];
  chosen: number;
  isBestOf: boolean; // answers are candidates; the choice repeats the best of them
}

export const emptyAnswer = (): Answer => ({
  thinking: '',
  text: '',
  thinkingTokens: 0,
  isCounted: false,
  tokens: 0,
  finish: '',
  score: null,
});

export const emptyFold = (): Fold => ({answers: [emptyAnswer()], chosen: 0, isBestOf: false});

const maxAnswers = 64;

/// What is told with one more chunk; the given fold stays as it is.
export function foldChunk(fold: Fold, chunk: unknown): Fold {
  const best = valueAt(chunk, 'best_of');
  if (best !== undefined) return foldBestOf(fold, best);
  const candidate = valueAt(chunk, 'candidate');
  if (candidate !== undefined) return {...fold, isBestOf: true, answers: foldPiece(fold.answers, candidate, candidate)};
  let {answers} = fold;
  if (!fold.isBestOf) {
    for (const choice of listAt(chunk, 'choices')) answers = foldPiece(answers, choice, valueAt(choice, 'delta'));
  }
  return {...fold, answers: foldUsage(answers, chunk)};
}

/// place: what has the index and the finish; text: what has the words.
function foldPiece(answers: readonly Answer[], place: unknown, text: unknown): Answer[] {
  const next = [...answers];
  const index = numberAt(place, 'index') ?? 0;
  if (!Number.isInteger(index) || index < 0 || index >= maxAnswers) return next;
  while (next.length <= index) next.push(emptyAnswer());
  const old = next[index] ?? emptyAnswer();
  const thinking = old.thinking + thinkingIn(text);
  next[index] = {
    ...old,
    thinking,
    text: old.text + stringAt(text, 'content'),
    thinkingTokens: guessTokens(thinking),
    isCounted: false,
    finish: finishOf(place) || old.finish,
  };
  return next;
}

const thinkingIn = (message: unknown): string =>
  stringAt(message, 'reasoning_content') || stringAt(message, 'reasoning');

// Of languages written with Latin letters; the usage at the end has the true count.
const guessTokens = (text: string): number => Math.ceil(text.length / 4);

// "length" and "loop" tell more than OpenAI's word does.
const finishOf = (place: unknown): string => stringAt(place, 'finish_detail') || stringAt(place, 'finish_reason');

function foldBestOf(fold: Fold, best: unknown): Fold {
  const answers = listAt(best, 'candidates')
    .slice(0, maxAnswers)
    .map((candidate): Answer => {
      const thinking = thinkingIn(valueAt(candidate, 'message'));
      const told = numberAt(candidate, 'reasoning_tokens');
      return {
        ...emptyAnswer(),
        thinking,
        text: stringAt(candidate, 'message', 'content'),
        thinkingTokens: told ?? guessTokens(thinking),
        isCounted: told !== null,
        tokens: numberAt(candidate, 'completion_tokens') ?? 0,
        finish: finishOf(candidate) || 'stop',
        score: numberAt(candidate, 'score'),
      };
    });
  const chosen = numberAt(best, 'chosen') ?? 0;
  return answers.length === 0 ? fold : {answers, chosen: answers[chosen] ? chosen : 0, isBestOf: true};
}

// Usage counts all answers together, so it tells of one only where there is one.
function foldUsage(answers: Answer[], chunk: unknown): Answer[] {
  const [only] = answers;
  const tokens = numberAt(chunk, 'usage', 'completion_tokens');
  if (tokens === null || answers.length !== 1 || !only) return answers;
  const thinkingTokens = numberAt(chunk, 'usage', 'completion_tokens_details', 'reasoning_tokens');
  return [{...only, tokens, thinkingTokens: thinkingTokens ?? only.thinkingTokens, isCounted: thinkingTokens !== null}];
}

/// How far the reading of the prompt is, where the chunk tells.
export function progressOf(chunk: unknown): Progress | null {
  const progress = valueAt(chunk, 'prompt_progress');
  if (progress === undefined) return null;
  return {
    pictures: numberAt(progress, 'pictures_total') ?? 0,
    picturesDone: numberAt(progress, 'pictures_processed') ?? 0,
    promptTokens: numberAt(progress, 'total') ?? 0,
    promptTokensDone: numberAt(progress, 'processed') ?? 0,
  };
}

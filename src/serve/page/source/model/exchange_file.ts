// History as a file that can be read back: what is exported, and what of an import is believed.
import type {Answer} from '../wire/chunks.ts';
import type {Conversation, Turn} from './tree.ts';

const format = 'r1v-conversations';

export interface HistoryFile {
  conversations: Conversation[];
  pictures: Record<string, string>; // id -> data URL
}

export function writeHistory(file: HistoryFile): string {
  return JSON.stringify({format, version: 1, ...file}, null, 1);
}

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const number = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);
const isId = (value: unknown): value is string =>
  typeof value === 'string' && /^[\w-]{1,64}$/.test(value) && value !== '__proto__';

function readAnswer(value: unknown): Answer {
  const found = isFields(value) ? value : {};
  return {
    thinking: text(found['thinking']),
    text: text(found['text']),
    thinkingTokens: number(found['thinkingTokens']),
    isCounted: found['isCounted'] === true,
    tokens: number(found['tokens']),
    finish: text(found['finish']) || 'stop',
    score: typeof found['score'] === 'number' && Number.isFinite(found['score']) ? found['score'] : null,
  };
}

function readTurn(value: unknown): Turn | null {
  if (!isFields(value) || !isId(value['id'])) return null;
  if (value['role'] !== 'user' && value['role'] !== 'assistant') return null;
  const answers = Array.isArray(value['answers']) ? value['answers'].slice(0, 64).map(readAnswer) : [];
  return {
    id: value['id'],
    parent: isId(value['parent']) ? value['parent'] : '',
    role: value['role'],
    text: text(value['text']),
    pictures: Array.isArray(value['pictures']) ? value['pictures'].filter(isId) : [],
    answers,
    chosen: Math.min(Math.max(Math.trunc(number(value['chosen'])), 0), Math.max(answers.length - 1, 0)),
    model: text(value['model']),
    error: text(value['error']),
    created: number(value['created']),
  };
}

function readConversation(value: unknown): Conversation | null {
  if (!isFields(value) || !isId(value['id']) || !isFields(value['turns'])) return null;
  const turns: Record<string, Turn> = {};
  for (const entry of Object.values(value['turns'])) {
    const turn = readTurn(entry);
    if (turn) turns[turn.id] = turn;
  }
  const selected: Record<string, string> = {};
  for (const [parent, child] of Object.entries(isFields(value['selected']) ? value['selected'] : {})) {
    if ((parent === '' || isId(parent)) && isId(child)) selected[parent] = child;
  }
  return {
    id: value['id'],
    title: text(value['title']).slice(0, 200),
    created: number(value['created']),
    updated: number(value['updated']),
    turns,
    selected,
  };
}

/// throws Error in words for the user: it is no such file.
export function readHistory(json: string): HistoryFile {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new Error('This file is no JSON; an export of this page is.');
  }
  if (!isFields(value) || value['format'] !== format || !Array.isArray(value['conversations'])) {
    throw new Error('This file is no export of this page.');
  }
  if (value['version'] !== 1) throw new Error('This file was made by a later version of this page.');
  const pictures: Record<string, string> = {};
  for (const [id, url] of Object.entries(isFields(value['pictures']) ? value['pictures'] : {})) {
    if (isId(id) && /^data:image\/(png|jpeg|webp|gif);base64,[\w+/=]*$/.test(text(url))) pictures[id] = text(url);
  }
  const conversations = value['conversations'].map(readConversation).filter((each) => each !== null);
  return {conversations, pictures};
}

// A conversation is a tree of turns: every edit and every new answer is a branch beside the old one.
import type {Answer} from '../wire/chunks.ts';

export interface Turn {
  id: string;
  parent: string; // "" = none
  role: 'user' | 'assistant';
  text: string; // of the user
  pictures: string[]; // ids in the picture store; of the user
  answers: Answer[]; // of the assistant: several where they are candidates
  chosen: number; // which of them the conversation goes on with
  model: string;
  error: string; // "" = none
  created: number; // milliseconds since 1970
}

export interface Conversation {
  id: string;
  title: string;
  created: number;
  updated: number;
  turns: Record<string, Turn>;
  selected: Record<string, string>; // parent -> the child that is shown
}

export function newConversation(id: string, now: number): Conversation {
  return {id, title: '', created: now, updated: now, turns: {}, selected: {}};
}

export const turnOf = (conversation: Conversation, id: string): Turn | undefined =>
  Object.hasOwn(conversation.turns, id) ? conversation.turns[id] : undefined;

/// The children of a turn ("" = the beginnings), oldest first.
export function children(conversation: Conversation, parent: string): Turn[] {
  return Object.values(conversation.turns)
    .filter((turn) => turn.parent === parent)
    .sort((a, b) => a.created - b.created || (a.id < b.id ? -1 : 1));
}

/// The turns that are shown, from the beginning down the selected branches.
export function shownPath(conversation: Conversation): Turn[] {
  const path: Turn[] = [];
  const seen = new Set<string>();
  for (let parent = ''; ;) {
    const options = children(conversation, parent);
    const turn = options.find((option) => option.id === conversation.selected[parent]) ?? options.at(-1);
    if (!turn || seen.has(turn.id)) return path;
    seen.add(turn.id);
    path.push(turn);
    parent = turn.id;
  }
}

/// From the beginning to this turn.
export function pathTo(conversation: Conversation, id: string): Turn[] {
  const path: Turn[] = [];
  const seen = new Set<string>();
  for (let turn = turnOf(conversation, id); turn && !seen.has(turn.id); turn = turnOf(conversation, turn.parent)) {
    seen.add(turn.id);
    path.unshift(turn);
  }
  return path;
}

/// The conversation with the turn added or replaced; an added one is shown.
export function withTurn(conversation: Conversation, turn: Turn): Conversation {
  const isNew = turnOf(conversation, turn.id) === undefined;
  return {
    ...conversation,
    updated: Math.max(conversation.updated, turn.created),
    turns: {...conversation.turns, [turn.id]: turn},
    selected: isNew ? {...conversation.selected, [turn.parent]: turn.id} : conversation.selected,
  };
}

/// The conversation without a turn that nothing follows.
export function withoutTurn(conversation: Conversation, id: string): Conversation {
  const {[id]: gone, ...turns} = conversation.turns;
  return gone && children(conversation, id).length === 0 ? {...conversation, turns} : conversation;
}

/// Shows the sibling so many places further (negative: before).
export function stepBranch(conversation: Conversation, id: string, steps: number): Conversation {
  const turn = turnOf(conversation, id);
  if (!turn) return conversation;
  const siblings = children(conversation, turn.parent);
  const target = siblings[siblings.findIndex((sibling) => sibling.id === id) + steps];
  if (!target) return conversation;
  return {...conversation, selected: {...conversation.selected, [turn.parent]: target.id}};
}

/// Where a turn stands among its siblings: [1, 3] = the first of three.
export function branchPlace(conversation: Conversation, turn: Turn): [number, number] {
  const siblings = children(conversation, turn.parent);
  return [siblings.findIndex((sibling) => sibling.id === turn.id) + 1, siblings.length];
}

export function chosenAnswer(turn: Turn): Answer | undefined {
  return turn.answers[turn.chosen] ?? turn.answers[0];
}

/// A title out of the first question.
export function titleOf(text: string, numPictures: number): string {
  const line = text.trim().split('\n', 1)[0]?.trim() ?? '';
  if (line === '') return numPictures > 0 ? 'A picture' : 'New chat';
  const letters = [...line];
  return letters.length > 60 ? `${letters.slice(0, 59).join('').trimEnd()}\u2026` : line;
}

/// Every word of the search is in the title or in some turn.
export function matches(conversation: Conversation, search: string): boolean {
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return true;
  const texts = Object.values(conversation.turns).flatMap((turn) => [
    turn.text,
    ...turn.answers.map((answer) => answer.text),
  ]);
  const all = [conversation.title, ...texts].join('\n').toLowerCase();
  return words.every((word) => all.includes(word));
}

// A conversation and the settings become the body of a request.
import type {Settings} from '../model/settings.ts';
import {chosenAnswer, type Turn} from '../model/tree.ts';

type Part = {type: 'text'; text: string} | {type: 'image_url'; image_url: {url: string}};

export interface Message {
  role: 'system' | 'user' | 'assistant';
  content: string | Part[];
}

/// pictures before text, as the models were trained.
export function userMessage(text: string, pictureUrls: readonly string[]): Message {
  if (pictureUrls.length === 0) return {role: 'user', content: text};
  const parts: Part[] = pictureUrls.map((url) => ({type: 'image_url', image_url: {url}}));
  if (text !== '') parts.push({type: 'text', text});
  return {role: 'user', content: parts};
}

/// path: turns from the beginning to the question. urlOf: the data URL of a picture. Turns without an answer, and the
/// questions before them, are left out, so that roles take turns.
export function messagesOf(path: readonly Turn[], system: string, urlOf: (id: string) => string): Message[] {
  const messages: Message[] = [];
  if (system.trim() !== '') messages.push({role: 'system', content: system});
  path.forEach((turn, index) => {
    if (turn.role === 'user') {
      const next = path[index + 1];
      const isAnswered = next === undefined || (chosenAnswer(next)?.text ?? '') !== '';
      if (isAnswered) messages.push(userMessage(turn.text, turn.pictures.map(urlOf)));
      return;
    }
    const text = chosenAnswer(turn)?.text ?? '';
    if (text !== '') messages.push({role: 'assistant', content: text});
  });
  return messages;
}

export function chatBody(settings: Settings, model: string, messages: readonly Message[]): Record<string, unknown> {
  const body: Record<string, unknown> = {
    model,
    messages,
    stream: true,
    stream_options: {include_usage: true},
    return_progress: true,
  };
  if (settings.temperature !== null) body['temperature'] = settings.temperature;
  if (settings.topP !== null) body['top_p'] = settings.topP;
  if (settings.maxTokens !== null) body['max_completion_tokens'] = settings.maxTokens;
  if (settings.seed !== null) body['seed'] = settings.seed;
  if (settings.maxTiles !== null) body['max_tiles'] = settings.maxTiles;
  if (!settings.isThinking) body['thinking'] = {enabled: false};
  else if (settings.budget !== null) body['thinking'] = {enabled: true, budget_tokens: settings.budget};
  if (settings.bestOf > 1) {
    body['best_of'] = settings.bestOf;
    if (settings.rewardModel !== '') body['reward_model'] = settings.rewardModel;
  }
  return body;
}

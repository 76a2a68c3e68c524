// The server's routes, and what went wrong in words a person can use.
import {readEvents} from './sse.ts';

export type FailureKind = 'down' | 'loading' | 'key' | 'busy' | 'refused' | 'failed' | 'cut';

export class ApiFailure extends Error {
  constructor(
    readonly kind: FailureKind,
    message: string,
    readonly retryAfterSeconds = 0,
  ) {
    super(message);
  }
}

export interface ServedModel {
  id: string;
  answers: boolean;
  scores: boolean;
  sees: boolean;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function stringAt(value: unknown, ...keys: (string | number)[]): string {
  const found = valueAt(value, ...keys);
  return typeof found === 'string' ? found : '';
}

export function numberAt(value: unknown, ...keys: (string | number)[]): number | null {
  const found = valueAt(value, ...keys);
  return typeof found === 'number' && Number.isFinite(found) ? found : null;
}

export function listAt(value: unknown, ...keys: (string | number)[]): unknown[] {
  const found = valueAt(value, ...keys);
  return Array.isArray(found) ? found : [];
}

export function valueAt(value: unknown, ...keys: (string | number)[]): unknown {
  let found = value;
  for (const key of keys) {
    if (Array.isArray(found) && typeof key === 'number') found = found[key];
    else if (isObject(found) && typeof key === 'string' && Object.hasOwn(found, key)) found = found[key];
    else return undefined;
  }
  return found;
}

function headers(key: string): Record<string, string> {
  return key === '' ? {} : {Authorization: `Bearer ${key}`};
}

/// What a reply that is no 2xx means. message is the server's own where it gave one.
export function failureOf(status: number, retryAfter: string | null, body: string): ApiFailure {
  let said = '';
  try {
    said = stringAt(JSON.parse(body), 'error', 'message');
  } catch {
    // not this server's JSON: a proxy, say
  }
  const seconds = Math.min(Math.max(Number.parseInt(retryAfter ?? '', 10) || 0, 0), 3600);
  if (status === 401 || status === 403) return new ApiFailure('key', said || 'This server asks for an API key.');
  if (status === 429) return new ApiFailure('busy', said || 'The server is busy.', seconds || 5);
  if (status === 503) return new ApiFailure('loading', said || 'The server is not ready yet.', seconds || 2);
  if (status >= 500) return new ApiFailure('failed', said || `The server failed (status ${status}).`);
  return new ApiFailure('refused', said || `The server refused this (status ${status}).`);
}

// key: "" = none.
async function ask(key: string, method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: body === undefined ? headers(key) : {...headers(key), 'Content-Type': 'application/json'},
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ?? null,
      credentials: 'omit',
      cache: 'no-store',
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiFailure('down', 'The server does not answer. Is it running, and is this machine on its network?');
  }
  if (response.ok) return response;
  throw failureOf(response.status, response.headers.get('Retry-After'), await response.text().catch(() => ''));
}

export async function listModels(key: string): Promise<ServedModel[]> {
  const reply: unknown = await (await ask(key, 'GET', '/v1/models')).json();
  return listAt(reply, 'data')
    .map(readModel)
    .filter((model) => model.id !== '');
}

function readModel(entry: unknown): ServedModel {
  return {
    id: stringAt(entry, 'id'),
    answers: valueAt(entry, 'answers') === true,
    scores: valueAt(entry, 'scores') === true,
    sees: valueAt(entry, 'sees') === true,
  };
}

/// A chat completion as a stream of parsed chunks. onId hears the request's id as soon as the head is there.
export async function* streamChat(
  key: string,
  body: Record<string, unknown>,
  signal: AbortSignal,
  onId: (id: string) => void,
): AsyncGenerator<unknown> {
  const response = await ask(key, 'POST', '/v1/chat/completions', body, signal);
  onId(response.headers.get('X-Request-Id') ?? '');
  if (!response.body) throw new ApiFailure('cut', 'The server sent no answer.');
  let isWhole = false;
  try {
    for await (const data of readEvents(response.body)) {
      if (data === '[DONE]') {
        isWhole = true;
        return;
      }
      const chunk: unknown = JSON.parse(data);
      const message = stringAt(chunk, 'error', 'message');
      if (message !== '') throw new ApiFailure('failed', message);
      yield chunk;
    }
  } catch (error) {
    if (signal.aborted || error instanceof ApiFailure) throw error;
    throw new ApiFailure('cut', 'The connection broke before the answer was whole.');
  }
  if (!isWhole && !signal.aborted) throw new ApiFailure('cut', 'The connection ended before the answer was whole.');
}

export async function endThinking(key: string, requestId: string): Promise<void> {
  await ask(key, 'POST', `/v1/requests/${encodeURIComponent(requestId)}/end_thinking`);
}

/// What the reward model gives each answer to one question, in their order.
export async function score(
  key: string,
  model: string,
  messages: unknown[],
  answers: readonly string[],
): Promise<number[]> {
  const reply: unknown = await (await ask(key, 'POST', '/v1/score', {model, messages, answers})).json();
  const scores = listAt(reply, 'data').map((entry) => numberAt(entry, 'score'));
  if (scores.length !== answers.length || scores.includes(null)) {
    throw new ApiFailure('failed', 'The server did not score every answer.');
  }
  return scores as number[];
}

// What the page shows: signals that the views read and the actions write.
import {computed, signal} from '@preact/signals';
import {defaultSettings, type Settings} from './model/settings.ts';
import {newConversation, type Conversation} from './model/tree.ts';
import type {ApiFailure, ServedModel} from './wire/api.ts';
import type {Progress} from './wire/chunks.ts';

/// An answer under way.
export interface Run {
  conversation: string;
  turn: string;
  requestId: string;
  progress: Progress | null;
  retryAt: number; // milliseconds since 1970; 0 = not waiting
  hasEndedThinking: boolean;
  abort: AbortController;
}

export type View = 'chat' | 'score';

export interface Toast {
  id: number;
  text: string;
  action?: {label: string; run: () => void};
}

export const view = signal<View>('chat');
export const settings = signal<Settings>(defaultSettings);
export const apiKey = signal('');
export const models = signal<ServedModel[]>([]);
export const serverFailure = signal<ApiFailure | null>(null);
export const conversations = signal<ReadonlyMap<string, Conversation>>(new Map());
export const openId = signal('');
export const runs = signal<ReadonlyMap<string, Run>>(new Map()); // by turn
export const search = signal('');
export const toasts = signal<readonly Toast[]>([]);
export const announcement = signal('');
export const dialog = signal<'' | 'settings' | 'help'>('');
export const isSidebarOpen = signal(false);
export const editing = signal(''); // the question that is being edited

const blank = newConversation('', 0);
export const conversation = computed(() => conversations.value.get(openId.value) ?? blank);
export const run = computed(() => [...runs.value.values()].find((each) => each.conversation === openId.value));
export const answering = computed(() => models.value.filter((model) => model.answers));
export const scoring = computed(() => models.value.filter((model) => model.scores));
export const model = computed(
  () => answering.value.find((each) => each.id === settings.value.model) ?? answering.value[0],
);
export const rewardModel = computed(
  () => scoring.value.find((each) => each.id === settings.value.rewardModel) ?? scoring.value[0],
);

/// Random, and well formed wherever the page comes from (randomUUID needs https).
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

let numToasts = 0;

export function showToast(text: string, action?: Toast['action']): void {
  const toast: Toast = {id: ++numToasts, text, ...(action ? {action} : {})};
  toasts.value = [...toasts.value.slice(-2), toast];
  setTimeout(() => dismissToast(toast.id), action ? 10_000 : 6_000);
}

export function dismissToast(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

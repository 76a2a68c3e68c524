// The server's models, the key, and the settings as this browser keeps them.
import {readSettings, type Settings} from '../model/settings.ts';
import {ApiFailure, listModels} from '../wire/api.ts';
import {apiKey, models, serverFailure, settings} from '../state.ts';

const settingsName = 'r1v-settings';
const keyName = 'r1v-key';
let retry: ReturnType<typeof setTimeout> | undefined;

// Storage may be forbidden; then nothing is kept.
function stored(storage: () => Storage, name: string): string {
  try {
    return storage().getItem(name) ?? '';
  } catch {
    return '';
  }
}

function keep(storage: () => Storage, name: string, value: string): void {
  try {
    if (value === '') storage().removeItem(name);
    else storage().setItem(name, value);
  } catch {
    return;
  }
}

export function loadSettings(): void {
  let found: unknown;
  try {
    found = JSON.parse(stored(() => localStorage, settingsName) || '{}');
  } catch {
    found = {};
  }
  settings.value = readSettings(found);
  apiKey.value = stored(() => sessionStorage, keyName) || stored(() => localStorage, keyName);
  showTheme(settings.value.theme);
}

export function change(fields: Partial<Settings>): void {
  settings.value = {...settings.value, ...fields};
  keep(() => localStorage, settingsName, JSON.stringify(settings.value));
  showTheme(settings.value.theme);
  if (fields.keepsKey !== undefined) setKey(apiKey.value);
}

/// The key goes with this tab, or stays in this browser where the user says so.
export function setKey(key: string): void {
  apiKey.value = key.trim();
  keep(() => sessionStorage, keyName, apiKey.value);
  keep(() => localStorage, keyName, settings.value.keepsKey ? apiKey.value : '');
}

function showTheme(theme: Settings['theme']): void {
  if (theme === 'auto') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}

/// Asks which models there are; comes back by itself while the server is away or not ready.
export async function findModels(): Promise<void> {
  clearTimeout(retry);
  try {
    models.value = await listModels(apiKey.value);
    serverFailure.value = null;
  } catch (error) {
    const failure =
      error instanceof ApiFailure ? error : new ApiFailure('failed', 'The server gave no list of models.');
    serverFailure.value = failure;
    if (failure.kind !== 'key') retry = setTimeout(() => void findModels(), failure.kind === 'loading' ? 2000 : 5000);
  }
}

// What the user chose, kept in this browser; whatever storage or a file holds is checked before it is believed.

export interface Settings {
  model: string; // "" = the server's first
  rewardModel: string; // "" = the server's first
  system: string;
  temperature: number | null; // null = as the model is served
  topP: number | null;
  maxTokens: number | null;
  seed: number | null;
  isThinking: boolean;
  budget: number | null; // tokens of thinking
  bestOf: number;
  maxTiles: number | null;
  theme: 'auto' | 'light' | 'dark';
  keepsKey: boolean; // beyond this tab
}

export const defaultSettings: Settings = {
  model: '',
  rewardModel: '',
  system: '',
  temperature: null,
  topP: null,
  maxTokens: null,
  seed: null,
  isThinking: true,
  budget: null,
  bestOf: 1,
  maxTiles: null,
  theme: 'auto',
  keepsKey: false,
};

/// Least, most and step of the numbers among the settings.
export const ranges = {
  temperature: [0, 2, 0.05],
  topP: [0.01, 1, 0.01],
  maxTokens: [1, 1_000_000, 1],
  seed: [0, 2 ** 53 - 1, 1],
  budget: [0, 1_000_000, 1],
  bestOf: [1, 16, 1],
  maxTiles: [1, 64, 1],
} as const;

export type NumberSetting = keyof typeof ranges;

/// The number that a field's text says, within its range; null where it says none.
export function readNumber(name: NumberSetting, text: string): number | null {
  const value = text.trim() === '' ? NaN : Number(text);
  if (!Number.isFinite(value)) return null;
  const [least, most, step] = ranges[name];
  const clamped = Math.min(Math.max(value, least), most);
  return step === 1 ? Math.round(clamped) : clamped;
}

export function readSettings(stored: unknown): Settings {
  const settings: Settings = {...defaultSettings};
  if (typeof stored !== 'object' || stored === null) return settings;
  const found = stored as Record<string, unknown>;
  for (const name of ['model', 'rewardModel', 'system'] as const) {
    if (typeof found[name] === 'string') settings[name] = found[name];
  }
  for (const name of ['temperature', 'topP', 'maxTokens', 'seed', 'budget', 'maxTiles'] as const) {
    if (typeof found[name] === 'number') settings[name] = readNumber(name, String(found[name]));
  }
  if (typeof found['bestOf'] === 'number') settings.bestOf = readNumber('bestOf', String(found['bestOf'])) ?? 1;
  for (const name of ['isThinking', 'keepsKey'] as const) {
    if (typeof found[name] === 'boolean') settings[name] = found[name];
  }
  if (found['theme'] === 'light' || found['theme'] === 'dark') settings.theme = found['theme'];
  return settings;
}

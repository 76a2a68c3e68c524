// Conversations as they are kept, found again, renamed, deleted, exported and imported.
import {readHistory, writeHistory} from '../model/exchange_file.ts';
import {dataUrl, fromDataUrl} from '../model/pictures.ts';
import {openStore, type Store} from '../model/store.ts';
import {newConversation, type Conversation} from '../model/tree.ts';
import {conversations, editing, isSidebarOpen, newId, openId, runs, showToast, view} from '../state.ts';

let store: Store;
const unsaved = new Map<string, ReturnType<typeof setTimeout>>();

export async function openHistory(): Promise<void> {
  store = await openStore();
  if (!store.isKept) showToast('This browser keeps no history here: it is gone when the page is closed.');
  const kept = await store.conversations();
  conversations.value = new Map(kept.map((conversation) => [conversation.id, conversation]));
}

function save(id: string): void {
  unsaved.delete(id);
  const conversation = conversations.value.get(id);
  if (!conversation) return;
  store.put(conversation).catch(() => showToast('This browser has no room left for the history.'));
}

/// Writes what has not been written yet, as the page may go.
export function saveNow(): void {
  for (const [id, timer] of [...unsaved]) {
    clearTimeout(timer);
    save(id);
  }
}

/// Changes a conversation; it is saved a little later.
export function update(id: string, change: (conversation: Conversation) => Conversation): void {
  const old = conversations.value.get(id);
  if (!old) return;
  conversations.value = new Map(conversations.value).set(id, change(old));
  if (!unsaved.has(id))
    unsaved.set(
      id,
      setTimeout(() => save(id), 400),
    );
}

/// The open conversation's id; one is begun where none is open.
export function ensureOpen(): string {
  if (conversations.value.has(openId.value)) return openId.value;
  const fresh = newConversation(newId(), Date.now());
  conversations.value = new Map(conversations.value).set(fresh.id, fresh);
  openId.value = fresh.id;
  return fresh.id;
}

export function open(id: string): void {
  openId.value = id;
  view.value = 'chat';
  editing.value = '';
  isSidebarOpen.value = false;
}

export function rename(id: string, title: string): void {
  if (title.trim() !== '') update(id, (conversation) => ({...conversation, title: title.trim().slice(0, 200)}));
}

const picturesOf = (conversation: Conversation): string[] =>
  Object.values(conversation.turns).flatMap((turn) => turn.pictures);

/// Gone at once; its pictures go when nobody has taken it back.
export function remove(id: string): void {
  const gone = conversations.value.get(id);
  if (!gone) return;
  for (const run of runs.value.values()) if (run.conversation === id) run.abort.abort();
  const rest = new Map(conversations.value);
  rest.delete(id);
  conversations.value = rest;
  if (openId.value === id) openId.value = '';
  void store.remove(id);
  const forGood = setTimeout(() => {
    const stillUsed = new Set([...conversations.value.values()].flatMap(picturesOf));
    void store.removePictures(picturesOf(gone).filter((picture) => !stillUsed.has(picture)));
  }, 10_000);
  showToast('Chat deleted.', {
    label: 'Undo',
    run: () => {
      clearTimeout(forGood);
      conversations.value = new Map(conversations.value).set(id, gone);
      void store.put(gone);
    },
  });
}

const pictureUrls = new Map<string, Promise<string>>();

/// An address under which the page itself shows a picture; "" where it is gone.
export function shownUrl(id: string): Promise<string> {
  let url = pictureUrls.get(id);
  if (!url) {
    url = store.picture(id).then((blob) => (blob ? URL.createObjectURL(blob) : ''));
    pictureUrls.set(id, url);
  }
  return url;
}

export async function addPicture(blob: Blob): Promise<string> {
  const id = newId();
  await store.putPicture(id, blob);
  return id;
}

/// The data URLs of pictures, as requests carry them. throws Error where one is gone.
export async function pictureData(ids: readonly string[]): Promise<Map<string, string>> {
  const urls = new Map<string, string>();
  for (const id of new Set(ids)) {
    const blob = await store.picture(id);
    if (!blob) throw new Error('A picture of this chat is no longer in this browser.');
    urls.set(id, await dataUrl(blob));
  }
  return urls;
}

/// Hands a text to the user as a file.
function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], {type: 'application/json'}));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/// id  one conversation; "" = all.
export async function exportHistory(id: string): Promise<void> {
  const chosen = [...conversations.value.values()].filter((conversation) => id === '' || conversation.id === id);
  const pictures: Record<string, string> = {};
  for (const picture of chosen.flatMap(picturesOf)) {
    const blob = await store.picture(picture);
    if (blob) pictures[picture] = await dataUrl(blob);
  }
  download(id === '' ? 'r1v-chats.json' : 'r1v-chat.json', writeHistory({conversations: chosen, pictures}));
}

/// A conversation that is here already is left as it is.
export async function importHistory(file: Blob): Promise<void> {
  try {
    const history = readHistory(await file.text());
    const fresh = history.conversations.filter((conversation) => !conversations.value.has(conversation.id));
    const wanted = new Set(fresh.flatMap(picturesOf));
    for (const [id, url] of Object.entries(history.pictures)) {
      if (wanted.has(id)) await store.putPicture(id, fromDataUrl(url));
    }
    for (const conversation of fresh) await store.put(conversation);
    conversations.value = new Map([...conversations.value, ...fresh.map((each) => [each.id, each] as const)]);
    const known = history.conversations.length - fresh.length;
    showToast(`${fresh.length} chats imported${known > 0 ? `, ${known} were here already` : ''}.`);
  } catch (error) {
    showToast(error instanceof Error ? error.message : 'This file could not be read.');
  }
}

// Conversations and pictures in this browser's IndexedDB.
import type {Conversation} from './tree.ts';

export interface Store {
  isKept: boolean; // false: only until the page is closed
  conversations(): Promise<Conversation[]>;
  put(conversation: Conversation): Promise<void>;
  remove(id: string): Promise<void>;
  picture(id: string): Promise<Blob | undefined>;
  putPicture(id: string, picture: Blob): Promise<void>;
  removePictures(ids: readonly string[]): Promise<void>;
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('the browser could not store this'));
  });
}

function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open('r1v', 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore('conversations', {keyPath: 'id'});
    request.result.createObjectStore('pictures');
  };
  return done(request);
}

/// The browser's store; where it grants none (some private windows), memory.
export async function openStore(): Promise<Store> {
  let database: IDBDatabase;
  try {
    database = await openDatabase();
  } catch {
    return memoryStore();
  }
  const at = (name: string, mode: IDBTransactionMode) => database.transaction(name, mode).objectStore(name);
  return {
    isKept: true,
    conversations: () => done(at('conversations', 'readonly').getAll() as IDBRequest<Conversation[]>),
    put: async (conversation) => void (await done(at('conversations', 'readwrite').put(conversation))),
    remove: async (id) => void (await done(at('conversations', 'readwrite').delete(id))),
    picture: (id) => done(at('pictures', 'readonly').get(id) as IDBRequest<Blob | undefined>),
    putPicture: async (id, picture) => void (await done(at('pictures', 'readwrite').put(picture, id))),
    removePictures: async (ids) => {
      const pictures = at('pictures', 'readwrite');
      await Promise.all(ids.map((id) => done(pictures.delete(id))));
    },
  };
}

function memoryStore(): Store {
  const conversations = new Map<string, Conversation>();
  const pictures = new Map<string, Blob>();
  return {
    isKept: false,
    conversations: async () => [...conversations.values()],
    put: async (conversation) => void conversations.set(conversation.id, conversation),
    remove: async (id) => void conversations.delete(id),
    picture: async (id) => pictures.get(id),
    putPicture: async (id, picture) => void pictures.set(id, picture),
    removePictures: async (ids) => ids.forEach((id) => pictures.delete(id)),
  };
}

// The history: search, open, rename, delete, export and import.
import {signal} from '@preact/signals';
import {useRef} from 'preact/hooks';
import {exportHistory, importHistory, open, remove, rename} from '../actions/history.ts';
import {matches, type Conversation} from '../model/tree.ts';
import {conversations, isSidebarOpen, openId, runs, scoring, search, view} from '../state.ts';
import {Icon, IconButton} from './icons.tsx';

const renaming = signal('');
const dayMs = 86_400_000;

// Under which heading of the list a time goes.
function ageGroup(time: number, now: number): string {
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  if (time >= midnight) return 'Today';
  if (time >= midnight - dayMs) return 'Yesterday';
  if (time >= midnight - 7 * dayMs) return 'This week';
  return time >= midnight - 30 * dayMs ? 'This month' : 'Earlier';
}

function grouped(list: readonly Conversation[]): [string, Conversation[]][] {
  const groups = new Map<string, Conversation[]>();
  for (const each of list) {
    const group = ageGroup(each.updated, Date.now());
    groups.set(group, [...(groups.get(group) ?? []), each]);
  }
  return [...groups];
}

function RenameField({entry}: {entry: Conversation}) {
  const finish = (title: string) => {
    rename(entry.id, title);
    renaming.value = '';
  };
  return (
    <input
      class="rename"
      aria-label="New name of the chat"
      ref={(field) => field?.focus()}
      value={entry.title}
      maxLength={200}
      onBlur={(event) => renaming.value === entry.id && finish(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') finish(event.currentTarget.value);
        if (event.key === 'Escape') (event.stopPropagation(), (renaming.value = ''));
      }}
    />
  );
}

function Entry({entry}: {entry: Conversation}) {
  if (renaming.value === entry.id)
    return (
      <li class="entry">
        <RenameField entry={entry} />
      </li>
    );
  const isOpen = entry.id === openId.value && view.value === 'chat';
  const isRunning = [...runs.value.values()].some((run) => run.conversation === entry.id);
  const title = entry.title || 'New chat';
  return (
    <li class={isOpen ? 'entry open' : 'entry'}>
      <button
        type="button"
        class="entry-title"
        aria-current={isOpen ? 'page' : undefined}
        onClick={() => open(entry.id)}
      >
        {isRunning && <span class="pulse" role="img" aria-label="Answering" />}
        {title}
      </button>
      <span class="entry-tools">
        <IconButton icon="edit" label={`Rename ${title}`} onClick={() => (renaming.value = entry.id)} />
        <IconButton icon="save" label={`Export ${title}`} onClick={() => void exportHistory(entry.id)} />
        <IconButton icon="trash" label={`Delete ${title}`} onClick={() => remove(entry.id)} />
      </span>
    </li>
  );
}

function History() {
  const all = [...conversations.value.values()].filter((each) => Object.keys(each.turns).length > 0);
  const found = all.filter((each) => matches(each, search.value)).sort((a, b) => b.updated - a.updated);
  if (all.length === 0) return <p class="hint">Your chats are kept in this browser alone.</p>;
  if (found.length === 0) return <p class="hint">No chat holds these words.</p>;
  return (
    <>
      {grouped(found).map(([group, list]) => (
        <section key={group} aria-label={group}>
          <h2 class="group">{group}</h2>
          <ul>
            {list.map((entry) => (
              <Entry key={entry.id} entry={entry} />
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

export function Sidebar() {
  const file = useRef<HTMLInputElement>(null);
  return (
    <nav class={isSidebarOpen.value ? 'sidebar open' : 'sidebar'} aria-label="Chats" id="sidebar">
      <div class="sidebar-head">
        <span class="wordmark">r1v</span>
        <span class="spring" />
        <IconButton
          icon="close"
          label="Close the list of chats"
          className="phone-only"
          onClick={() => (isSidebarOpen.value = false)}
        />
      </div>
      <button type="button" class="nav-button" onClick={() => open('')}>
        <Icon name="plus" />
        New chat
      </button>
      {scoring.value.length > 0 && (
        <button
          type="button"
          class="nav-button"
          aria-current={view.value === 'score' ? 'page' : undefined}
          onClick={() => ((view.value = 'score'), (isSidebarOpen.value = false))}
        >
          <Icon name="scale" />
          Score answers
        </button>
      )}
      <input
        id="search"
        class="search"
        type="search"
        placeholder="Search chats"
        aria-label="Search chats"
        value={search.value}
        onInput={(event) => (search.value = event.currentTarget.value)}
      />
      <div class="history">
        <History />
      </div>
      <div class="sidebar-foot">
        <button type="button" class="quiet-button" onClick={() => void exportHistory('')}>
          Export all
        </button>
        <button type="button" class="quiet-button" onClick={() => file.current?.click()}>
          Import
        </button>
        <input
          ref={file}
          id="import"
          type="file"
          accept="application/json,.json"
          hidden
          onChange={(event) => {
            const [chosen] = event.currentTarget.files ?? [];
            if (chosen) void importHistory(chosen);
            event.currentTarget.value = '';
          }}
        />
      </div>
    </nav>
  );
}

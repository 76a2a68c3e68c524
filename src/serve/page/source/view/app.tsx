// The page's frame: history at the side, the conversation, the composer, dialogs, and what is said aloud.
import {signal} from '@preact/signals';
import {useEffect, useLayoutEffect, useRef, useState} from 'preact/hooks';
import {change, findModels} from '../actions/server.ts';
import {open} from '../actions/history.ts';
import {shownPath} from '../model/tree.ts';
import {
  announcement,
  answering,
  conversation,
  dialog,
  dismissToast,
  isSidebarOpen,
  model,
  openId,
  rewardModel,
  serverFailure,
  settings,
  toasts,
  view,
} from '../state.ts';
import {addToDraft, Composer} from './composer.tsx';
import {HelpDialog, SettingsDialog} from './dialogs.tsx';
import {Icon, IconButton} from './icons.tsx';
import {AnswerTurn, Question} from './message.tsx';
import {picturesIn} from './pictures.tsx';
import {addScorePictures, ScoreView} from './score_view.tsx';
import {Sidebar} from './sidebar.tsx';

const isDragging = signal(false);

function isDark(): boolean {
  const {theme} = settings.value;
  return theme === 'dark' || (theme === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches);
}

function Header() {
  const dark = isDark();
  return (
    <header class="header">
      <button
        type="button"
        class="icon-button phone-only"
        aria-label="Chats"
        aria-expanded={isSidebarOpen.value}
        aria-controls="sidebar"
        onClick={() => (isSidebarOpen.value = !isSidebarOpen.value)}
      >
        <Icon name="menu" />
      </button>
      <h1 class="title">{view.value === 'score' ? 'Score answers' : conversation.value.title || 'New chat'}</h1>
      {view.value === 'score' ? (
        <span class="model">{rewardModel.value?.id ?? ''}</span>
      ) : answering.value.length > 1 ? (
        <select
          class="model"
          aria-label="Model"
          value={model.value?.id ?? ''}
          onChange={(event) => change({model: event.currentTarget.value})}
        >
          {answering.value.map((each) => (
            <option key={each.id} value={each.id}>
              {each.id}
            </option>
          ))}
        </select>
      ) : (
        <span class="model">{model.value?.id ?? ''}</span>
      )}
      <IconButton icon="plus" label="New chat" className="phone-only" onClick={() => open('')} />
      <IconButton
        icon={dark ? 'sun' : 'moon'}
        label={dark ? 'Light colours' : 'Dark colours'}
        onClick={() => change({theme: dark ? 'light' : 'dark'})}
      />
      <IconButton
        icon="help"
        label="Keyboard shortcuts"
        className="desk-only"
        onClick={() => (dialog.value = 'help')}
      />
      <IconButton icon="settings" label="Settings" onClick={() => (dialog.value = 'settings')} />
    </header>
  );
}

function ServerNotice() {
  const failure = serverFailure.value;
  if (!failure) return null;
  const button =
    failure.kind === 'key'
      ? {label: 'Enter the key', run: () => (dialog.value = 'settings')}
      : {label: 'Ask again now', run: () => void findModels()};
  return (
    <div class="notice" role="status">
      <p>{failure.kind === 'loading' ? 'The server is loading its models\u2026' : failure.message}</p>
      <button type="button" class="outline-button" onClick={button.run}>
        {button.label}
      </button>
    </div>
  );
}

function Welcome() {
  return (
    <div class="welcome">
      <h2 class="view-title">What do you see?</h2>
      <p>
        Drop a picture anywhere, paste one, or just ask. The model thinks first; you can tell it to stop and answer.
      </p>
    </div>
  );
}

// Follows the newest text as long as the reader is at the end.
function useFollowing() {
  const thread = useRef<HTMLDivElement>(null);
  const [isAtEnd, setIsAtEnd] = useState(true);
  const follows = useRef(true);
  const toEnd = () => scrollTo({top: document.documentElement.scrollHeight});
  useEffect(() => {
    const onScroll = () => {
      const left = document.documentElement.scrollHeight - innerHeight - scrollY;
      follows.current = left < 60;
      setIsAtEnd(left < 200);
    };
    const grown = new ResizeObserver(() => {
      if (follows.current) toEnd();
      else onScroll();
    });
    if (thread.current) grown.observe(thread.current);
    addEventListener('scroll', onScroll, {passive: true});
    return () => {
      grown.disconnect();
      removeEventListener('scroll', onScroll);
    };
  }, []);
  useLayoutEffect(() => {
    follows.current = true;
    toEnd();
  }, [openId.value]);
  return {thread, isAtEnd, toEnd};
}

function Chat() {
  const {thread, isAtEnd, toEnd} = useFollowing();
  const path = shownPath(conversation.value);
  return (
    <>
      <div class="column thread" ref={thread}>
        {path.length === 0 && <Welcome />}
        {path.map((turn) =>
          turn.role === 'user' ? <Question key={turn.id} turn={turn} /> : <AnswerTurn key={turn.id} turn={turn} />,
        )}
      </div>
      <div class="foot">
        {!isAtEnd && <IconButton icon="down" label="To the end" className="to-end" onClick={toEnd} />}
        <Composer />
        <p class="small-print">Models make mistakes. Chats stay in this browser.</p>
      </div>
    </>
  );
}

function Toasts() {
  return (
    <div class="toasts" role="status">
      {toasts.value.map((toast) => (
        <div class="toast" key={toast.id}>
          <span>{toast.text}</span>
          {toast.action && (
            <button type="button" class="quiet-button" onClick={() => (toast.action?.run(), dismissToast(toast.id))}>
              {toast.action.label}
            </button>
          )}
          <IconButton icon="close" label="Dismiss" onClick={() => dismissToast(toast.id)} />
        </div>
      ))}
    </div>
  );
}

function useDropping(): void {
  useEffect(() => {
    const over = (event: DragEvent) => {
      if (![...(event.dataTransfer?.types ?? [])].includes('Files')) return;
      event.preventDefault();
      isDragging.value = true;
    };
    const leave = (event: DragEvent) => event.relatedTarget === null && (isDragging.value = false);
    const drop = (event: DragEvent) => {
      event.preventDefault();
      isDragging.value = false;
      const files = picturesIn(event.dataTransfer);
      void (view.value === 'score' ? addScorePictures(files) : addToDraft(files));
    };
    document.addEventListener('dragover', over);
    document.addEventListener('dragleave', leave);
    document.addEventListener('drop', drop);
    return () => {
      document.removeEventListener('dragover', over);
      document.removeEventListener('dragleave', leave);
      document.removeEventListener('drop', drop);
    };
  }, []);
}

// By hand: followed as a link it would take the place of the address that names the open chat.
function skipToMain(event: MouseEvent): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

export function App({licences}: {licences: string}) {
  useDropping();
  return (
    <>
      <a class="skip" href="#main" onClick={skipToMain}>
        Skip to the conversation
      </a>
      <Sidebar />
      {isSidebarOpen.value && <div class="veil" onClick={() => (isSidebarOpen.value = false)} />}
      <div class="page">
        <Header />
        <main id="main" tabIndex={-1}>
          <ServerNotice />
          {view.value === 'score' ? <ScoreView /> : <Chat />}
        </main>
      </div>
      <SettingsDialog licences={licences} />
      <HelpDialog />
      <Toasts />
      {isDragging.value && <div class="dropping">Drop the picture</div>}
      <div class="unseen" role="status" aria-live="polite" id="announcement">
        {announcement.value}
      </div>
    </>
  );
}

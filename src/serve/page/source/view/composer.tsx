// Where a question is written: text, pictures by button, paste or camera, and what goes with it.
import {signal} from '@preact/signals';
import {useLayoutEffect, useRef} from 'preact/hooks';
import {ask, lastQuestion, stop} from '../actions/chat.ts';
import {change} from '../actions/server.ts';
import {editing, model, openId, run, scoring, settings} from '../state.ts';
import {Icon, IconButton} from './icons.tsx';
import {picturesIn, PictureTray, takePictures} from './pictures.tsx';

const draftText = signal('');
const draftPictures = signal<readonly string[]>([]);

export async function addToDraft(files: readonly Blob[]): Promise<void> {
  const ids = await takePictures(files, draftPictures.value.length);
  draftPictures.value = [...draftPictures.value, ...ids];
}

function send(): void {
  const text = draftText.value.trim();
  if ((text === '' && draftPictures.value.length === 0) || run.value) return;
  ask(text, [...draftPictures.value]);
  draftText.value = '';
  draftPictures.value = [];
}

/// A text field that is as high as its text.
export function useGrowingHeight(text: string) {
  const area = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    if (!area.current) return;
    area.current.style.height = 'auto';
    area.current.style.height = `${area.current.scrollHeight}px`;
  }, [text]);
  return area;
}

/// Buttons that open the files or the camera.
export function PictureButtons({onFiles}: {onFiles: (files: File[]) => void}) {
  const files = useRef<HTMLInputElement>(null);
  const camera = useRef<HTMLInputElement>(null);
  const take = (input: HTMLInputElement) => {
    onFiles([...(input.files ?? [])]);
    input.value = '';
  };
  return (
    <>
      <IconButton icon="picture" label="Add pictures" onClick={() => files.current?.click()} />
      <IconButton icon="camera" label="Take a photo" className="touch-only" onClick={() => camera.current?.click()} />
      <input
        ref={files}
        type="file"
        class="picture-input"
        accept="image/*"
        multiple
        hidden
        onChange={(event) => take(event.currentTarget)}
      />
      <input
        ref={camera}
        type="file"
        accept="image/*"
        capture="environment"
        hidden
        onChange={(event) => take(event.currentTarget)}
      />
    </>
  );
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    send();
  } else if (event.key === 'ArrowUp' && draftText.value === '') {
    const question = lastQuestion();
    if (question && !run.value) {
      event.preventDefault();
      editing.value = question.id;
    }
  }
}

function onPaste(event: ClipboardEvent): void {
  const files = picturesIn(event.clipboardData);
  if (files.length === 0) return;
  event.preventDefault();
  void addToDraft(files);
}

function Choices() {
  const {isThinking, bestOf, budget} = settings.value;
  return (
    <>
      <button type="button" class="chip" aria-pressed={isThinking} onClick={() => change({isThinking: !isThinking})}>
        Thinking{isThinking && budget !== null ? ` \u2264 ${budget}` : ''}
      </button>
      {scoring.value.length > 0 && (
        <button
          type="button"
          class="chip"
          aria-pressed={bestOf > 1}
          onClick={() => change({bestOf: bestOf > 1 ? 1 : 4})}
        >
          {bestOf > 1 ? `Best of ${bestOf}` : 'Best of 4'}
        </button>
      )}
    </>
  );
}

export function Composer() {
  const area = useGrowingHeight(draftText.value);
  useLayoutEffect(() => {
    if (matchMedia('(hover: hover)').matches) area.current?.focus();
  }, [openId.value]);
  const isEmpty = draftText.value.trim() === '' && draftPictures.value.length === 0;
  return (
    <form class="composer" aria-label="Your question" onSubmit={(event) => (event.preventDefault(), send())}>
      <PictureTray
        ids={draftPictures.value}
        onRemove={(id) => (draftPictures.value = draftPictures.value.filter((each) => each !== id))}
      />
      <textarea
        ref={area}
        id="question"
        rows={1}
        aria-label="Question"
        placeholder={model.value?.sees === false ? 'Ask something' : 'Ask about a picture, or anything'}
        value={draftText.value}
        onInput={(event) => (draftText.value = event.currentTarget.value)}
        onKeyDown={onKeyDown}
        onPaste={onPaste}
      />
      <div class="composer-row">
        <PictureButtons onFiles={(files) => void addToDraft(files)} />
        <Choices />
        <span class="spring" />
        {run.value ? (
          <button type="button" class="round-button" aria-label="Stop" title="Stop (Esc)" onClick={stop}>
            <Icon name="stop" />
          </button>
        ) : (
          <button type="submit" class="round-button" aria-label="Send" title="Send (Enter)" disabled={isEmpty}>
            <Icon name="send" />
          </button>
        )}
      </div>
    </form>
  );
}

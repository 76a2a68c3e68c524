// Pictures: the ones being added to a question, and the ones that were asked about.
import {useEffect, useRef, useState} from 'preact/hooks';
import {addPicture, shownUrl} from '../actions/history.ts';
import {limits, preparePicture} from '../model/pictures.ts';
import {showToast} from '../state.ts';
import {Icon} from './icons.tsx';

function useUrl(id: string): string {
  const [url, setUrl] = useState('');
  useEffect(() => {
    let isCurrent = true;
    void shownUrl(id).then((found) => isCurrent && setUrl(found));
    return () => {
      isCurrent = false;
    };
  }, [id]);
  return url;
}

/// Makes pictures ready and hands their ids on; says what cannot be added.
export async function takePictures(files: readonly Blob[], numBefore: number): Promise<string[]> {
  const ids: string[] = [];
  for (const file of files) {
    if (numBefore + ids.length >= limits.pictures) {
      showToast(`A question holds at most ${limits.pictures} pictures.`);
      break;
    }
    try {
      ids.push(await addPicture(await preparePicture(file, file instanceof File ? file.name : '')));
    } catch (error) {
      showToast(error instanceof Error ? error.message : 'A picture could not be added.');
    }
  }
  return ids;
}

export function picturesIn(data: DataTransfer | null): File[] {
  return [...(data?.files ?? [])].filter(
    (file) => file.type.startsWith('image/') || /\.(heic|heif|avif)$/i.test(file.name),
  );
}

/// Pictures that are still to be sent; each can be taken out.
export function PictureTray({ids, onRemove}: {ids: readonly string[]; onRemove: (id: string) => void}) {
  if (ids.length === 0) return null;
  return (
    <ul class="tray" aria-label="Pictures of this question">
      {ids.map((id, index) => (
        <li key={id}>
          <Thumbnail id={id} label={`Picture ${index + 1}`} />
          <button
            type="button"
            class="tray-remove"
            aria-label={`Remove picture ${index + 1}`}
            onClick={() => onRemove(id)}
          >
            <Icon name="close" />
          </button>
        </li>
      ))}
    </ul>
  );
}

function Thumbnail({id, label}: {id: string; label: string}) {
  const url = useUrl(id);
  return url === '' ? (
    <span class="thumbnail" role="img" aria-label={label} />
  ) : (
    <img class="thumbnail" src={url} alt={label} />
  );
}

/// Pictures of a question that was asked; a click shows one large.
export function AskedPictures({ids}: {ids: readonly string[]}) {
  if (ids.length === 0) return null;
  return (
    <div class={ids.length === 1 ? 'asked-pictures single' : 'asked-pictures'}>
      {ids.map((id, index) => (
        <AskedPicture key={id} id={id} label={ids.length === 1 ? 'Picture' : `Picture ${index + 1} of ${ids.length}`} />
      ))}
    </div>
  );
}

function AskedPicture({id, label}: {id: string; label: string}) {
  const url = useUrl(id);
  const box = useRef<HTMLDialogElement>(null);
  if (url === '') return <span class="asked-picture missing">{label}</span>;
  return (
    <>
      <button
        type="button"
        class="asked-picture"
        aria-label={`Show ${label.toLowerCase()} large`}
        onClick={() => box.current?.showModal()}
      >
        <img src={url} alt={label} />
      </button>
      <dialog ref={box} class="large-picture" aria-label={label} onClick={() => box.current?.close()}>
        <img src={url} alt={label} />
        <button type="button" class="icon-button" aria-label="Close">
          <Icon name="close" />
        </button>
      </dialog>
    </>
  );
}

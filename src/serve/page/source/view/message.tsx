// One turn: a question, or the answers to it with thinking, candidates and scores.
import {useEffect, useLayoutEffect, useState} from 'preact/hooks';
import {answersTo, choose, edit, regenerate, showBranch} from '../actions/chat.ts';
import {branchPlace, chosenAnswer, type Turn} from '../model/tree.ts';
import {conversation, editing, run, runs, scoring, type Run} from '../state.ts';
import {Candidates} from './candidates.tsx';
import {copyText} from './clipboard.ts';
import {useGrowingHeight} from './composer.tsx';
import {IconButton} from './icons.tsx';
import {Markdown} from './markdown.tsx';
import {AskedPictures, PictureTray} from './pictures.tsx';
import {showDraft} from './score_view.tsx';
import {Thinking} from './thinking.tsx';

function BranchArrows({turn}: {turn: Turn}) {
  const [place, count] = branchPlace(conversation.value, turn);
  if (count < 2) return null;
  return (
    <span class="branches" role="group" aria-label="Versions">
      <IconButton
        icon="left"
        label="Previous version"
        isDisabled={place === 1}
        onClick={() => showBranch(turn.id, -1)}
      />
      <span class="numbers">
        <span class="unseen">Version </span>
        {place}/{count}
      </span>
      <IconButton
        icon="right"
        label="Next version"
        isDisabled={place === count}
        onClick={() => showBranch(turn.id, 1)}
      />
    </span>
  );
}

export function Question({turn}: {turn: Turn}) {
  if (editing.value === turn.id) return <EditedQuestion turn={turn} />;
  return (
    <article class="question" aria-label="Question">
      <AskedPictures ids={turn.pictures} />
      {turn.text !== '' && <div class="question-text">{turn.text}</div>}
      <div class="tools">
        <BranchArrows turn={turn} />
        <IconButton icon="copy" label="Copy question" onClick={() => copyText(turn.text)} />
        <IconButton
          icon="edit"
          label="Edit question"
          isDisabled={run.value !== undefined}
          onClick={() => (editing.value = turn.id)}
        />
      </div>
    </article>
  );
}

function EditedQuestion({turn}: {turn: Turn}) {
  const [text, setText] = useState(turn.text);
  const [pictures, setPictures] = useState<readonly string[]>(turn.pictures);
  const area = useGrowingHeight(text);
  useLayoutEffect(() => area.current?.focus(), []); // before the next key, which would go to the field left behind
  const cancel = () => {
    editing.value = '';
    document.getElementById('question')?.focus();
  };
  const isEmpty = text.trim() === '' && pictures.length === 0;
  const send = () => {
    if (isEmpty || run.value) return;
    edit(turn.id, text.trim(), [...pictures]);
    document.getElementById('question')?.focus();
  };
  return (
    <form class="question editing" aria-label="Edit question" onSubmit={(event) => (event.preventDefault(), send())}>
      <PictureTray ids={pictures} onRemove={(id) => setPictures(pictures.filter((each) => each !== id))} />
      <textarea
        ref={area}
        aria-label="Edited question"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) (event.preventDefault(), send());
          if (event.key === 'Escape') (event.stopPropagation(), cancel());
        }}
      />
      <div class="row-end">
        <button type="button" class="quiet-button" onClick={cancel}>
          Cancel
        </button>
        <button type="submit" class="solid-button" disabled={isEmpty}>
          Ask again
        </button>
      </div>
    </form>
  );
}

function waitingFor(current: Run): string {
  const {progress} = current;
  if (!progress) return 'Waiting for the model';
  if (progress.picturesDone < progress.pictures) {
    return `Looking at picture ${progress.picturesDone + 1} of ${progress.pictures}`;
  }
  if (progress.promptTokensDone >= progress.promptTokens) return 'Beginning';
  return `Reading the question: ${progress.promptTokensDone} of ${progress.promptTokens} tokens`;
}

function share(current: Run): number {
  const {progress} = current;
  if (!progress) return 0;
  const total = progress.promptTokens + progress.pictures;
  return total === 0 ? 0 : (progress.promptTokensDone + progress.picturesDone) / total;
}

function Waiting({current}: {current: Run}) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, []);
  if (current.retryAt > 0) {
    const seconds = Math.max(0, Math.ceil((current.retryAt - now) / 1000));
    return <p class="waiting retry">The server is busy. Asking again in {seconds} s.</p>;
  }
  return (
    <div class="waiting">
      <p>
        {waitingFor(current)}
        {'\u2026'}
      </p>
      {current.progress && <progress max={1} value={share(current)} aria-label="Reading of the question" />}
    </div>
  );
}

const finishes: Record<string, string> = {
  length: 'Cut off: the longest answer allowed was reached.',
  loop: 'Ended: the answer repeated itself.',
  stopped: 'Stopped.',
  cancelled: 'Stopped.',
  time: 'Cut off: the longest time allowed was reached.',
  '': 'Cut off when the page was closed.',
};

function Ending({turn}: {turn: Turn}) {
  const finish = chosenAnswer(turn)?.finish ?? 'stop';
  if (turn.error !== '') {
    return (
      <div class="failure" role="alert">
        <p>{turn.error}</p>
        <button type="button" class="outline-button" onClick={() => regenerate(turn.id)}>
          Try again
        </button>
      </div>
    );
  }
  return finishes[finish] === undefined ? null : <p class="ending">{finishes[finish]}</p>;
}

export function AnswerTurn({turn}: {turn: Turn}) {
  const current = runs.value.get(turn.id);
  const isRunning = current !== undefined;
  const answer = chosenAnswer(turn);
  const hasBegun = turn.answers.some((each) => each.text !== '' || each.thinking !== '');
  return (
    <article class="answer" aria-label="Answer" aria-busy={isRunning}>
      {turn.answers.length > 1 ? (
        <Candidates turn={turn} isRunning={isRunning} onChoose={(index) => choose(turn.id, index)} />
      ) : (
        answer && (
          <>
            <Thinking answer={answer} turnId={turn.id} />
            <Markdown text={answer.text} isGrowing={isRunning} />
          </>
        )
      )}
      {current && !hasBegun && <Waiting current={current} />}
      {!isRunning && <Ending turn={turn} />}
      {!isRunning && <AnswerTools turn={turn} />}
    </article>
  );
}

function AnswerTools({turn}: {turn: Turn}) {
  const answer = chosenAnswer(turn);
  const toScores = () => {
    const question = conversation.value.turns[turn.parent];
    const answers = answersTo(turn.parent).map((each) => each.text);
    showDraft({question: question?.text ?? '', pictures: question?.pictures ?? [], answers});
  };
  return (
    <div class="tools">
      <BranchArrows turn={turn} />
      {answer?.text && <IconButton icon="copy" label="Copy answer" onClick={() => copyText(answer.text)} />}
      <IconButton
        icon="again"
        label="Another answer"
        isDisabled={run.value !== undefined}
        onClick={() => regenerate(turn.id)}
      />
      {scoring.value.length > 0 && answersTo(turn.parent).length > 0 && (
        <IconButton icon="scale" label="Score the answers to this question" onClick={toScores} />
      )}
      <span class="facts">
        {[turn.model, answer && answer.tokens > 0 ? `${answer.tokens.toLocaleString('en')} tokens` : '']
          .filter((each) => each !== '')
          .join(' \u00b7 ')}
      </span>
    </div>
  );
}

// One question, several answers, ranked by the reward model.
import {signal} from '@preact/signals';
import {pictureData} from '../actions/history.ts';
import {announcement, apiKey, rewardModel, view} from '../state.ts';
import {score} from '../wire/api.ts';
import {userMessage} from '../wire/request.ts';
import {showScore} from './candidates.tsx';
import {PictureButtons, useGrowingHeight} from './composer.tsx';
import {Icon, IconButton} from './icons.tsx';
import {Markdown} from './markdown.tsx';
import {picturesIn, PictureTray, takePictures} from './pictures.tsx';

interface Draft {
  question: string;
  pictures: string[];
  answers: string[];
}

interface Ranked {
  answer: string;
  score: number;
  share: number; // of the way from the lowest score to the highest
}

const draft = signal<Draft>({question: '', pictures: [], answers: ['', '']});
const ranking = signal<readonly Ranked[]>([]);
const failure = signal('');
const isScoring = signal(false);
const maxAnswers = 64;

// Highest first; equals keep their order.
function rank(answers: readonly string[], scores: readonly number[]): Ranked[] {
  const lowest = Math.min(...scores);
  const span = Math.max(...scores) - lowest;
  return answers
    .map((answer, index) => ({answer, score: scores[index] ?? NaN}))
    .sort((a, b) => b.score - a.score)
    .map((each) => ({...each, share: span > 0 ? (each.score - lowest) / span : 1}));
}

const set = (fields: Partial<Draft>) => (draft.value = {...draft.value, ...fields});

/// Opens the view with a question and answers that come from a chat.
export function showDraft(fromChat: Draft): void {
  draft.value = fromChat;
  ranking.value = [];
  failure.value = '';
  view.value = 'score';
}

export async function addScorePictures(files: readonly Blob[]): Promise<void> {
  const ids = await takePictures(files, draft.value.pictures.length);
  set({pictures: [...draft.value.pictures, ...ids]});
}

const filled = (): string[] => draft.value.answers.map((each) => each.trim()).filter((each) => each !== '');

async function scoreAll(): Promise<void> {
  const answers = filled();
  if (answers.length === 0 || isScoring.value) return;
  isScoring.value = true;
  failure.value = '';
  try {
    const {question, pictures} = draft.value;
    const urls = await pictureData(pictures);
    const asked = userMessage(
      question.trim(),
      pictures.map((id) => urls.get(id) ?? ''),
    );
    const scores = await score(apiKey.value, rewardModel.value?.id ?? '', [asked], answers);
    ranking.value = rank(answers, scores);
    announcement.value = `${answers.length} answers ranked.`;
  } catch (error) {
    failure.value = error instanceof Error ? error.message : 'The answers could not be scored.';
  } finally {
    isScoring.value = false;
  }
}

function AnswerField({index}: {index: number}) {
  const answers = draft.value.answers;
  const text = answers[index] ?? '';
  const area = useGrowingHeight(text);
  const put = (value: string) => set({answers: answers.map((each, place) => (place === index ? value : each))});
  return (
    <li class="score-answer">
      <textarea
        ref={area}
        rows={2}
        aria-label={`Answer ${index + 1}`}
        placeholder={`Answer ${index + 1}`}
        value={text}
        onInput={(event) => put(event.currentTarget.value)}
      />
      {answers.length > 1 && (
        <IconButton
          icon="close"
          label={`Remove answer ${index + 1}`}
          onClick={() => set({answers: answers.filter((_, place) => place !== index)})}
        />
      )}
    </li>
  );
}

function Ranking() {
  if (ranking.value.length === 0) return null;
  return (
    <section class="ranking" aria-label="Ranking">
      <h2>Ranking</h2>
      <ol>
        {ranking.value.map((each, index) => (
          <li key={index} class={index === 0 ? 'ranked first' : 'ranked'}>
            <div class="ranked-head">
              <span class="place">{index + 1}</span>
              <progress class="bar" max={1} value={Math.max(each.share, 0.02)} aria-hidden="true" />
              <span class="score">
                <span class="unseen">Score </span>
                {showScore(each.score)}
              </span>
            </div>
            <Markdown text={each.answer} isGrowing={false} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function QuestionField() {
  const {question, pictures} = draft.value;
  const area = useGrowingHeight(question);
  const onPaste = (event: ClipboardEvent) => {
    const files = picturesIn(event.clipboardData);
    if (files.length > 0) (event.preventDefault(), void addScorePictures(files));
  };
  return (
    <div class="score-question">
      <PictureTray ids={pictures} onRemove={(id) => set({pictures: pictures.filter((each) => each !== id)})} />
      <textarea
        id="score-question"
        ref={area}
        rows={2}
        aria-label="Question"
        placeholder="The question, with its picture if it has one"
        value={question}
        onInput={(event) => set({question: event.currentTarget.value})}
        onPaste={onPaste}
      />
      <div class="composer-row">
        <PictureButtons onFiles={(files) => void addScorePictures(files)} />
      </div>
    </div>
  );
}

export function ScoreView() {
  const {answers} = draft.value;
  return (
    <div class="column score-view">
      <h2 class="view-title">Which answer is better?</h2>
      <p class="hint">
        The reward model reads the question, its picture and each answer, and gives every answer a number: higher is
        better. Only differences between answers to one question mean something. Answers from a chat come without their
        thinking.
      </p>
      <form aria-label="Answers to score" onSubmit={(event) => (event.preventDefault(), void scoreAll())}>
        <QuestionField />
        <ol class="score-answers">
          {answers.map((_, index) => (
            <AnswerField key={index} index={index} />
          ))}
        </ol>
        <div class="composer-row">
          <button
            type="button"
            class="outline-button"
            disabled={answers.length >= maxAnswers}
            onClick={() => set({answers: [...answers, '']})}
          >
            <Icon name="plus" />
            Add an answer
          </button>
          <span class="spring" />
          <button type="submit" class="solid-button" disabled={filled().length === 0 || isScoring.value}>
            {isScoring.value ? 'Scoring\u2026' : 'Rank'}
          </button>
        </div>
      </form>
      {failure.value !== '' && (
        <p class="failure" role="alert">
          {failure.value}
        </p>
      )}
      <Ranking />
    </div>
  );
}

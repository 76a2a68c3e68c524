// Candidates of best-of-N side by side, each with its rank and score; the one that is gone on with is marked.
import type {Turn} from '../model/tree.ts';
import type {Answer} from '../wire/chunks.ts';
import {Icon} from './icons.tsx';
import {Markdown} from './markdown.tsx';
import {Thinking} from './thinking.tsx';

// By score, highest first; equals keep their order. By number alone until there are scores.
function nameOf(answers: readonly Answer[], index: number): string {
  const score = answers[index]?.score ?? null;
  if (score === null) return `Candidate ${index + 1}`;
  const isBefore = (other: number | null, place: number) =>
    other !== null && (other > score || (other === score && place < index));
  const rank = 1 + answers.filter((each, place) => isBefore(each.score, place)).length;
  return rank === 1 ? 'Best' : `No. ${rank}`;
}

export const showScore = (score: number): string => score.toFixed(2).replace('-', '\u2212');

interface CandidatesProps {
  turn: Turn;
  isRunning: boolean;
  onChoose: (index: number) => void;
}

export function Candidates({turn, isRunning, onChoose}: CandidatesProps) {
  return (
    <ol class="candidates" aria-label={`${turn.answers.length} candidates`}>
      {turn.answers.map((answer, index) => {
        const isChosen = index === turn.chosen && !isRunning;
        return (
          <li key={index} class={isChosen ? 'candidate chosen' : 'candidate'}>
            <div class="candidate-head">
              <span class="candidate-name">{nameOf(turn.answers, index)}</span>
              <span class="spring" />
              {answer.score !== null && (
                <span class="score">
                  <span class="unseen">Score </span>
                  {showScore(answer.score)}
                </span>
              )}
            </div>
            <Thinking answer={answer} turnId={turn.id} />
            <Markdown text={answer.text} isGrowing={isRunning} />
            {!isRunning && (
              <button
                type="button"
                class={isChosen ? 'quiet-button in-use' : 'outline-button'}
                aria-pressed={isChosen}
                onClick={() => onChoose(index)}
              >
                {isChosen && <Icon name="check" />}
                {isChosen ? 'In use' : 'Use this answer'}
              </button>
            )}
          </li>
        );
      })}
    </ol>
  );
}

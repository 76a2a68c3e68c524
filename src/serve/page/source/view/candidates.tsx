// Candidates of best-of-N side by side, best score first in rank, with the one the conversation goes on with marked.
import type {Turn} from '../model/tree.ts';
import type {Answer} from '../wire/chunks.ts';
import {Icon} from './icons.tsx';
import {Markdown} from './markdown.tsx';
import {Thinking} from './thinking.tsx';

/// 1 = the highest score; 0 where there is none.
export function rankOf(answers: readonly Answer[], index: number): number {
  const score = answers[index]?.score ?? null;
  if (score === null) return 0;
  return 1 + answers.filter((each) => each.score !== null && each.score > score).length;
}

/// The first of those with the highest score; -1 where none has one.
const bestIndex = (answers: readonly Answer[]): number => answers.findIndex((_, index) => rankOf(answers, index) === 1);

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
        const rank = rankOf(turn.answers, index);
        return (
          <li key={index} class={isChosen ? 'candidate chosen' : 'candidate'}>
            <div class="candidate-head">
              <span class="candidate-name">
                {rank === 1 && index === bestIndex(turn.answers) ? 'Best' : `No. ${rank || index + 1}`}
              </span>
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

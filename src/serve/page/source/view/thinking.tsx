// The thinking before an answer: folded, with its length, and a way to end it.
import {useState} from 'preact/hooks';
import {stopThinking} from '../actions/chat.ts';
import {runs} from '../state.ts';
import type {Answer} from '../wire/chunks.ts';
import {Icon} from './icons.tsx';
import {Markdown} from './markdown.tsx';

export function Thinking({answer, turnId}: {answer: Answer; turnId: string}) {
  const [isOpen, setIsOpen] = useState(false);
  const current = runs.value.get(turnId);
  const isThinking = current !== undefined && answer.finish === '' && answer.text === '';
  if (answer.thinking === '') return null;
  const {thinkingTokens, isCounted} = answer;
  const unit = thinkingTokens === 1 ? 'token' : 'tokens';
  const count = `${isCounted ? '' : 'about '}${thinkingTokens.toLocaleString('en')} ${unit}`;
  return (
    <section class={isThinking ? 'thinking active' : 'thinking'} aria-label="Thinking">
      <div class="thinking-head">
        <button type="button" class="fold" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
          <Icon name={isOpen ? 'down' : 'right'} />
          <span>{isThinking ? 'Thinking' : 'Thought'}</span>
          <span class="numbers">{count}</span>
        </button>
        {isThinking && (
          <button
            type="button"
            class="outline-button stop-thinking"
            disabled={current.hasEndedThinking}
            onClick={() => void stopThinking(turnId)}
          >
            {current.hasEndedThinking ? 'Stopping\u2026' : 'Stop thinking'}
          </button>
        )}
      </div>
      {isOpen && (
        <div class="thinking-text">
          <Markdown text={answer.thinking} isGrowing={isThinking} />
        </div>
      )}
    </section>
  );
}

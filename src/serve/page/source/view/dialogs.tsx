// Settings and the list of shortcuts, as modal dialogs.
import type {ComponentChildren} from 'preact';
import {useLayoutEffect, useRef} from 'preact/hooks';
import {change, findModels, setKey} from '../actions/server.ts';
import {ranges, readNumber, type NumberSetting, type Settings} from '../model/settings.ts';
import {answering, apiKey, dialog, model, rewardModel, scoring, serverFailure, settings} from '../state.ts';
import {IconButton} from './icons.tsx';
import {shortcuts} from './shortcuts.ts';

interface SheetProps {
  name: 'settings' | 'help';
  title: string;
  children: ComponentChildren;
}

function Sheet({name, title, children}: SheetProps) {
  const box = useRef<HTMLDialogElement>(null);
  const isOpen = dialog.value === name;
  useLayoutEffect(() => {
    if (isOpen && !box.current?.open) box.current?.showModal();
    if (!isOpen && box.current?.open) box.current.close();
  }, [isOpen]);
  const closeOutside = (event: MouseEvent) => event.target === box.current && (dialog.value = '');
  return (
    <dialog
      ref={box}
      class="sheet"
      aria-labelledby={`${name}-title`}
      onClose={() => isOpen && (dialog.value = '')}
      onClick={closeOutside}
    >
      <div class="sheet-body">
        <div class="sheet-head">
          <h2 id={`${name}-title`}>{title}</h2>
          <IconButton icon="close" label="Close" onClick={() => (dialog.value = '')} />
        </div>
        {isOpen && children}
      </div>
    </dialog>
  );
}

interface NumberFieldProps {
  name: NumberSetting;
  label: string;
  hint: string;
  placeholder?: string;
}

function NumberField({name, label, hint, placeholder}: NumberFieldProps) {
  const [least, most, step] = ranges[name];
  const take = (text: string) => {
    const value = readNumber(name, text);
    change(name === 'bestOf' ? {bestOf: value ?? 1} : ({[name]: value} as Partial<Settings>));
  };
  return (
    <label class="field">
      <span class="field-label">{label}</span>
      <input
        type="number"
        inputMode="decimal"
        min={least}
        max={most}
        step={step}
        placeholder={placeholder ?? 'model\u2019s own'}
        value={settings.value[name] ?? ''}
        aria-describedby={`${name}-hint`}
        onChange={(event) => take(event.currentTarget.value)}
      />
      <span class="field-hint" id={`${name}-hint`}>
        {hint}
      </span>
    </label>
  );
}

interface ModelFieldProps {
  label: string;
  names: readonly string[];
  value: string;
  onChoose: (name: string) => void;
}

function ModelField({label, names, value, onChoose}: ModelFieldProps) {
  return (
    <label class="field">
      <span class="field-label">{label}</span>
      <select value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
        {names.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

function Check({label, isOn, onChange}: {label: string; isOn: boolean; onChange: (isOn: boolean) => void}) {
  return (
    <label class="check">
      <input type="checkbox" checked={isOn} onChange={(event) => onChange(event.currentTarget.checked)} />
      <span>{label}</span>
    </label>
  );
}

function KeyFields() {
  const take = (key: string) => {
    setKey(key);
    void findModels();
  };
  return (
    <fieldset>
      <legend>Access</legend>
      {serverFailure.value?.kind === 'key' && (
        <p class="failure" role="alert">
          {serverFailure.value.message}
        </p>
      )}
      <label class="field">
        <span class="field-label">API key</span>
        <input
          id="key"
          type="password"
          autocomplete="off"
          spellcheck={false}
          value={apiKey.value}
          onChange={(event) => take(event.currentTarget.value)}
        />
        <span class="field-hint">Sent to this server alone. Forgotten with this tab, unless you keep it.</span>
      </label>
      <Check
        label="Keep the key in this browser"
        isOn={settings.value.keepsKey}
        onChange={(keepsKey) => change({keepsKey})}
      />
    </fieldset>
  );
}

function ModelFields() {
  const judges = scoring.value.map((each) => each.id);
  return (
    <fieldset>
      <legend>Model</legend>
      {answering.value.length > 0 && (
        <ModelField
          label="Answers"
          names={answering.value.map((each) => each.id)}
          value={model.value?.id ?? ''}
          onChoose={(id) => change({model: id})}
        />
      )}
      {judges.length > 0 && (
        <ModelField
          label="Judges"
          names={judges}
          value={rewardModel.value?.id ?? ''}
          onChoose={(id) => change({rewardModel: id})}
        />
      )}
      <label class="field">
        <span class="field-label">System prompt</span>
        <textarea
          rows={3}
          value={settings.value.system}
          onChange={(event) => change({system: event.currentTarget.value})}
        />
      </label>
    </fieldset>
  );
}

function AnswerFields() {
  return (
    <fieldset>
      <legend>Answers</legend>
      <Check
        label="Think before answering"
        isOn={settings.value.isThinking}
        onChange={(isThinking) => change({isThinking})}
      />
      <div class="fields">
        <NumberField
          name="budget"
          label="Thinking budget"
          hint="tokens, then the answer begins"
          placeholder="no limit"
        />
        <NumberField name="maxTokens" label="Longest answer" hint="tokens, thinking included" placeholder="no limit" />
        <NumberField name="temperature" label="Temperature" hint="0 is the likeliest words, 2 the wildest" />
        <NumberField name="topP" label="Top p" hint="share of the likeliest words" />
        {scoring.value.length > 0 && (
          <NumberField name="bestOf" label="Best of" hint="answers drawn and judged" placeholder="1" />
        )}
        <NumberField name="maxTiles" label="Picture tiles" hint="more see finer detail, and take longer" />
        <NumberField name="seed" label="Seed" hint="the same seed repeats an answer" placeholder="random" />
      </div>
    </fieldset>
  );
}

const themes = [
  ['auto', 'As the system'],
  ['light', 'Light'],
  ['dark', 'Dark'],
] as const;

function Looks() {
  return (
    <fieldset>
      <legend>Looks</legend>
      <div class="segments">
        {themes.map(([value, label]) => (
          <label key={value}>
            <input
              type="radio"
              name="theme"
              value={value}
              checked={settings.value.theme === value}
              onChange={() => change({theme: value})}
            />
            <span>{label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export function SettingsDialog({licences}: {licences: string}) {
  return (
    <Sheet name="settings" title="Settings">
      {serverFailure.value?.kind === 'key' && <KeyFields />}
      <ModelFields />
      <AnswerFields />
      <Looks />
      {serverFailure.value?.kind !== 'key' && <KeyFields />}
      <p class="hint">
        <a href={licences} target="_blank" rel="noopener">
          Licences of what this page is made with
        </a>
      </p>
    </Sheet>
  );
}

export function HelpDialog() {
  return (
    <Sheet name="help" title="Keyboard">
      <dl class="shortcuts">
        {shortcuts.map(({keys, what}) => (
          <div key={what}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <p class="hint">Tab goes through everything else; what has the focus has a frame.</p>
    </Sheet>
  );
}

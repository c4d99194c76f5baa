// One of a few, all in sight.
import { useId } from "react";

type Option<T> = { value: T; label: string; lang?: string };
type Props<T> = { label: string; value: T; options: readonly Option<T>[]; onChoose: (value: T) => void };

export function Choice<T extends string>({ label, value, options, onChoose }: Props<T>) {
  const name = useId();
  return (
    <fieldset className="choice">
      <legend>{label}</legend>
      <div className="seg">
        {options.map((option) => (
          <label key={option.value} lang={option.lang}>
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChoose(option.value)}
            />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

// The members that `@` may mean, above the field. The focus stays in the field.
import { useMessages } from "../../catalogue/catalogue";
import { Avatar } from "../../ui/avatar";
import { langOf } from "../../ui/language";
import type { Mentioning } from "./use-mention";

export const optionOf = (listId: string, index: number): string => `${listId}-${index}`;

export function MentionList({ mentioning }: { mentioning: Mentioning }) {
  const t = useMessages().compose.mention;
  const { listId, options, current, isNobody, pick } = mentioning;
  return (
    <>
      {options.length > 0 && (
        <div className="cmention" id={listId} role="listbox" aria-label={t.list}>
          {options.map((one, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the field's.
            <div
              key={one.line_user_id}
              id={optionOf(listId, index)}
              role="option"
              tabIndex={-1}
              aria-selected={index === current}
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => pick(index)}
            >
              <Avatar
                name={one.display_name}
                pictureUrl={null}
                size={28}
                seed={Number.parseInt(one.line_user_id.slice(-6), 16) || 0}
              />
              <span lang={langOf(one.display_name)}>{one.display_name}</span>
            </div>
          ))}
        </div>
      )}
      <span className={isNobody ? "cmention is-none" : "sr"} role="status">
        {isNobody && t.none}
      </span>
    </>
  );
}

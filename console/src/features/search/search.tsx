// Search over everything: customers by name, and every message and note.
import { type KeyboardEvent, type ReactNode, useRef } from "react";
import { useLocation, useSearch as useQuery } from "wouter";
import { placeOf } from "../../app/places";
import { useMessages } from "../../catalogue/catalogue";
import type { LoadState } from "../../desk/types";
import { Button } from "../../ui/button";
import { FaultNote } from "../../ui/fault";
import { MessageHit, NameHit } from "./hits";
import { SearchField } from "./search-field";
import { type Search as Found, useSearch } from "./use-search";
import "./search.css";

export function Search() {
  const { search: t } = useMessages();
  const [, navigate] = useLocation();
  const q = (new URLSearchParams(useQuery()).get("q") ?? "").trim();
  const found = useSearch(q);
  const results = useRef<HTMLDivElement>(null);

  return (
    <section className="search" aria-label={t.title}>
      <header className="bar">
        <h1 className="sr">{t.title}</h1>
        <SearchField
          q={q}
          onSearch={(next) => navigate(placeOf.search(next), { replace: true })}
          onDown={() => step(results.current, 1)}
        />
      </header>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the arrows are a shorter way between links that Tab reaches too */}
      <div className="results" ref={results} onKeyDown={(event) => onArrow(event, results.current)}>
        {q === "" ? <p className="empty">{t.begin}</p> : <Results q={q} found={found} />}
      </div>
    </section>
  );
}

function Results({ q, found }: { q: string; found: Found }) {
  const { search: t, common } = useMessages();
  const { messages, names, again, loadMore } = found;
  const isDone = messages.load.kind === "ready" && names.load.kind === "ready" && messages.q === q;
  const count = messages.cursor === null ? `${messages.items.length}` : t.andMore(messages.items.length);
  return (
    <>
      <p className="sr" role="status">
        {isDone ? t.found(names.items.length, count) : common.loading}
      </p>
      <Part title={t.conversations} load={names.load} lead={t.conversationsFailed} again={again}>
        {names.items.length > 0 ? (
          <ul>
            {names.items.map((summary) => (
              <NameHit key={summary.id} summary={summary} q={q} />
            ))}
          </ul>
        ) : (
          <p className="none">{t.noConversations(q)}</p>
        )}
      </Part>
      <Part title={t.messages} load={messages.load} lead={t.messagesFailed} again={again}>
        {messages.items.length > 0 ? (
          <ul>
            {messages.items.map((hit) => (
              <MessageHit key={hit.message.id} hit={hit} q={q} />
            ))}
          </ul>
        ) : (
          <p className="none">{t.noMessages(q)}</p>
        )}
        {messages.more.kind === "failed" && <FaultNote fault={messages.more.fault} lead={t.moreFailed} />}
        {messages.cursor !== null && (
          <Button kind="line" aria-disabled={messages.more.kind === "loading"} onClick={loadMore}>
            {messages.more.kind === "loading" ? common.loading : t.showMore}
          </Button>
        )}
      </Part>
    </>
  );
}

type PartProps = { title: string; load: LoadState; lead: string; again: () => void; children: ReactNode };

function Part({ title, load, lead, again, children }: PartProps) {
  const t = useMessages().common;
  return (
    <section className="part">
      <h2>{title}</h2>
      {load.kind === "ready" && children}
      {load.kind === "loading" && <p className="none is-late">{t.loading}</p>}
      {load.kind === "failed" && (
        <FaultNote
          fault={load.fault}
          lead={lead}
          action={
            <Button kind="line" onClick={again}>
              {t.tryAgain}
            </Button>
          }
        />
      )}
    </section>
  );
}

function onArrow(event: KeyboardEvent, results: HTMLElement | null): void {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  event.preventDefault();
  step(results, event.key === "ArrowDown" ? 1 : -1);
}

/** From hit to hit; above the first is the field. */
function step(results: HTMLElement | null, by: 1 | -1): void {
  const hits = [...(results?.querySelectorAll<HTMLElement>("[data-hit]") ?? [])];
  const at = hits.findIndex((hit) => hit.isSameNode(document.activeElement));
  const next = hits[Math.min(at + by, hits.length - 1)];
  if (next) next.focus();
  else if (at === 0) results?.parentElement?.querySelector("input")?.focus();
}

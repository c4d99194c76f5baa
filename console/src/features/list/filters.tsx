// The filters, with the counts that the desk gives. A filter without a number has nothing, or nothing is known of it yet.
import { useEffect, useRef } from "react";
import { Link, useLocation } from "wouter";
import { placeOf } from "../../app/places";
import { useLocale, useMessages } from "../../catalogue/catalogue";
import { useDeskState } from "../../desk/context";
import type { DeskState } from "../../desk/types";
import type { ListStatus } from "../../protocol";
import { useCommand } from "../keyboard/commands";

const FILTERS: readonly ListStatus[] = ["waiting", "mine", "active", "bot", "closed", "all"];

export function Filters() {
  const t = useMessages().list;
  const locale = useLocale();
  const [, navigate] = useLocation();
  const status = useDeskState((state) => state.list.status);
  const counts = useDeskState(countsOf);
  useCommand({ id: "go.queue", keys: ["g q"], label: t.command.queue, run: () => navigate(placeOf.list("waiting")) });
  useCommand({ id: "go.mine", keys: ["g m"], label: t.command.mine, run: () => navigate(placeOf.list("mine")) });
  useCommand({ id: "go.all", keys: ["g a"], label: t.command.all, run: () => navigate(placeOf.list("all")) });

  // In a narrow list the filters scroll; the chosen one is always in sight, also when a count makes others wider.
  const nav = useRef<HTMLElement>(null);
  const widths = Object.values(counts).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: these are what moves it
  useEffect(() => {
    const on = nav.current?.querySelector("[aria-current]");
    on?.scrollIntoView?.({ block: "nearest", inline: "nearest" });
  }, [status, widths]);

  const number = new Intl.NumberFormat(locale, { notation: "compact" });
  return (
    <nav className="filters" aria-label={t.filters} ref={nav}>
      {FILTERS.map((filter) => {
        const count = counts[filter];
        return (
          <Link
            key={filter}
            href={placeOf.list(filter)}
            className={classOf(filter === status, filter === "waiting" && count !== null && count > 0)}
            aria-current={filter === status ? "page" : undefined}
            aria-label={count === null ? undefined : t.countOf(t.filter[filter], count.toLocaleString(locale))}
          >
            {t.filter[filter]}
            {count !== null && <b>{number.format(count)}</b>}
          </Link>
        );
      })}
    </nav>
  );
}

function classOf(isOn: boolean, isAlert: boolean): string | undefined {
  const names = [isOn && "on", isAlert && "alert"].filter(Boolean);
  return names.length > 0 ? names.join(" ") : undefined;
}

function countsOf(state: DeskState): Record<ListStatus, number | null> {
  const { counts, signIn, presence } = state;
  const myId = signIn.kind === "signed_in" ? signIn.user.id : null;
  return {
    waiting: counts.waiting,
    // The desk counts everyone's chats for the team's presence, at once.
    mine: presence.find((one) => one.id === myId)?.active_chats ?? counts.mine,
    active: counts.active,
    bot: counts.bot || null,
    closed: counts.closed || null,
    all: counts.all || null,
  };
}

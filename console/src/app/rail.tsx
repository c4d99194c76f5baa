// The narrow column on the left: where one can go, who is there, and oneself.
import { Link } from "wouter";
import { useMessages } from "../catalogue/catalogue";
import { useDeskState, useMe } from "../desk/context";
import { isAdmin } from "../features/composer/standing";
import { LiveMark } from "../features/status/connection";
import { MeMenu } from "../features/status/me-menu";
import { Team } from "../features/status/team";
import { BrandMark, Icon, type IconName } from "../ui/icon";
import { placeOf } from "./places";
import { usePlace } from "./use-place";

type Destination = {
  id: "inbox" | "search" | "usage" | "settings";
  icon: IconName;
  label: string;
  href: string;
  isHere: boolean;
};

export function useDestinations(): Destination[] {
  const { common: t, usage } = useMessages();
  const place = usePlace();
  const status = useDeskState((state) => state.list.status);
  const isSearch = place.kind === "search";
  const isSettings = place.kind === "settings" || place.kind === "setup";
  const isUsage = place.kind === "usage";
  const isLead = isAdmin(useMe());
  const isInbox = !isSearch && !isSettings && !isUsage;
  return [
    { id: "inbox", icon: "inbox", label: t.inbox, href: placeOf.list(status), isHere: isInbox },
    { id: "search", icon: "search", label: t.search, href: placeOf.search(), isHere: isSearch },
    ...(isLead
      ? [{ id: "usage" as const, icon: "chart" as const, label: usage.title, href: placeOf.usage, isHere: isUsage }]
      : []),
    { id: "settings", icon: "settings", label: t.settings, href: placeOf.settings, isHere: isSettings },
  ];
}

export function Rail() {
  const t = useMessages().status;
  return (
    <header className="rail">
      <span className="mark">
        <BrandMark />
      </span>
      <nav aria-label={t.main}>
        {useDestinations().map(({ id, icon, label, href, isHere }) => (
          <Link
            key={id}
            href={href}
            className={isHere ? "on" : ""}
            title={label}
            aria-label={label}
            aria-current={isHere ? "page" : undefined}
          >
            <Icon name={icon} />
            {id === "inbox" && <WaitingCount />}
          </Link>
        ))}
      </nav>
      <div className="foot">
        <Team />
        <LiveMark />
        <hr />
        <MeMenu />
      </div>
    </header>
  );
}

/** Phones: the same places at the foot of the list. */
export function Tabs() {
  const t = useMessages().status;
  return (
    <nav className="tabs" aria-label={t.main}>
      {useDestinations().map(({ id, icon, label, href, isHere }) => (
        <Link key={id} href={href} className={isHere ? "on" : ""} aria-current={isHere ? "page" : undefined}>
          <Icon name={icon} />
          {label}
          {id === "inbox" && <WaitingCount />}
        </Link>
      ))}
      <MeMenu side="top" isTab />
    </nav>
  );
}

function WaitingCount() {
  const t = useMessages().common;
  const waiting = useDeskState((state) => state.counts.waiting);
  if (waiting === 0) return null;
  return (
    <span className="n" title={t.waitingCount(waiting)}>
      {waiting > 99 ? "99+" : waiting}
    </span>
  );
}

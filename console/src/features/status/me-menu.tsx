// Oneself: status, theme, language, settings, sign out.
import { lazy, Suspense, useState } from "react";
import { useLocation } from "wouter";
import { placeOf } from "../../app/places";
import { setTheme, THEMES, useTheme } from "../../app/theme";
import { setLocale, useLocale, useMessages } from "../../catalogue/catalogue";
import { LOCALE_NAMES, LOCALES } from "../../catalogue/messages";
import { useDesk, useDeskState, useMe } from "../../desk/context";
import type { OperatorStatus } from "../../protocol";
import type { Fault } from "../../realtime/types";
import { OperatorMark } from "../../ui/avatar";
import { faultDetails, faultWords } from "../../ui/fault";
import { Menu, type MenuItem } from "../../ui/menu";
import { showToast } from "../../ui/toasts";

const SignOutDialog = lazy(() => import("./sign-out").then((module) => ({ default: module.SignOutDialog })));

const STATUSES = ["online", "away", "busy"] as const;

export function useMyStatus(): OperatorStatus {
  const me = useMe();
  return useDeskState(({ presence, connection }) => {
    if (connection.kind !== "live") return "offline";
    return presence.find((one) => one.id === me.id)?.status ?? "online";
  });
}

type Props = {
  side?: "right" | "top";
  /** On a phone: with a word under the mark. */
  isTab?: boolean;
};

export function MeMenu({ side = "right", isTab = false }: Props) {
  const words = useMessages();
  const desk = useDesk();
  const me = useMe();
  const status = useMyStatus();
  const theme = useTheme();
  const locale = useLocale();
  const [, navigate] = useLocation();
  const [isLeaving, setLeaving] = useState(false);

  const changeStatus = (next: OperatorStatus) =>
    desk.setStatus(next).catch((fault: Fault) =>
      showToast({
        kind: "danger",
        text: `${words.status.statusFailed} ${faultWords(words.faults, fault)}`,
        details: faultDetails(fault),
      }),
    );

  const items: MenuItem[] = [
    ...STATUSES.map((one) => ({
      id: one,
      label: words.common.status[one],
      isChecked: status === one,
      isDisabled: status === "offline",
      onSelect: () => void changeStatus(one),
    })),
    ...THEMES.map((one, at) => ({
      id: `theme-${one}`,
      label: words.settings.themes[one],
      isChecked: theme === one,
      isGroupStart: at === 0,
      onSelect: () => setTheme(one),
    })),
    ...LOCALES.map((one, at) => ({
      id: `locale-${one}`,
      label: LOCALE_NAMES[one],
      lang: one === "zh-TW" ? "zh-Hant" : one,
      isChecked: locale === one,
      isGroupStart: at === 0,
      onSelect: () => void setLocale(one),
    })),
    {
      id: "settings",
      label: words.common.settings,
      icon: "settings",
      isGroupStart: true,
      onSelect: () => navigate(placeOf.settings),
    },
    { id: "sign-out", label: words.common.signOut, icon: "sign-out", onSelect: () => setLeaving(true) },
  ];

  return (
    <>
      <Menu
        side={side}
        trigger={
          <button type="button" className="me" aria-label={words.status.me} title={me.display_name}>
            <OperatorMark id={me.id} name={me.display_name} size={isTab ? 20 : 32} status={status} />
            {isTab && words.common.you}
          </button>
        }
        items={items}
      />
      {isLeaving && (
        <Suspense fallback={null}>
          <SignOutDialog onClose={() => setLeaving(false)} />
        </Suspense>
      )}
    </>
  );
}

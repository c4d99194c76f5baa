// Rail, list, thread, customer: which of them are there, by the address and by how wide the window is.
import { type CSSProperties, Suspense, useEffect } from "react";
import { useLocation } from "wouter";
import { useMessages } from "../catalogue/catalogue";
import { useDesk, useDeskState } from "../desk/context";
import { KeyboardRoot } from "../features/keyboard/keyboard-root";
import { ConversationList } from "../features/list/list";
import { Notify } from "../features/notify/notify";
import { ConnectionBanner } from "../features/status/connection";
import type { ConversationId } from "../protocol";
import { Boundary } from "./boundary";
import { useShellCommands } from "./commands";
import { useListWidth, useWidth } from "./layout";
import { Nothing, Nowhere } from "./nothing";
import { Conversation, CustomerPanel, loadParts, Search, Settings, Setup, Usage } from "./parts";
import { type Place, placeOf } from "./places";
import { Rail, Tabs } from "./rail";
import { Resizer } from "./resizer";
import { useList } from "./use-list";
import { usePanel } from "./use-panel";
import { usePlace } from "./use-place";
import "./app.css";

export function Shell() {
  const place = usePlace();
  const width = useWidth();
  const [listWidth, setListWidth] = useListWidth();
  const isNarrow = width === "narrow";
  const openId = place.kind === "conversation" ? place.id : null;
  const panel = usePanel(openId, width);
  useShellCommands(panel, openId !== null);
  useOpen(openId);
  useList(place);
  useParts();

  const view = place.kind === "list" ? "list" : panel.isOpen && isNarrow ? "panel" : "main";
  const style: CSSProperties & { "--list-w": string } = { "--list-w": `${listWidth}px` };
  return (
    <div className="app" data-view={view} style={style}>
      <Rail />
      <ConnectionBanner />
      <div className="list-col" {...(isNarrow && view === "list" ? { role: "main" } : {})}>
        <Boundary resetKey="list">
          <ConversationList />
        </Boundary>
      </div>
      <main className="main-col">
        {isNarrow && openId !== null && <PageTitle />}
        {width === "wide" && <Resizer width={listWidth} onWidth={setListWidth} />}
        <Boundary resetKey={`${place.kind} ${openId}`}>
          <Suspense fallback={null}>
            <Main place={place} onPanel={panel.toggle} isNarrow={isNarrow} />
          </Suspense>
        </Boundary>
      </main>
      {openId !== null && panel.isOpen && (
        <div className="panel-col" ref={panel.ref} tabIndex={-1} {...(isNarrow ? { role: "main" } : {})}>
          {isNarrow && <PageTitle />}
          <Boundary resetKey={String(openId)}>
            <Suspense fallback={null}>
              <CustomerPanel id={openId} onClose={panel.close} />
            </Suspense>
          </Boundary>
        </div>
      )}
      {isNarrow && view !== "panel" && place.kind !== "conversation" && <Tabs />}
      <KeyboardRoot />
      <Notify />
    </div>
  );
}

/** Where the list's own heading is out of sight. */
function PageTitle() {
  const t = useMessages().common;
  return <h1 className="sr">{t.conversations}</h1>;
}

type MainProps = { place: Place; onPanel: () => void; isNarrow: boolean };

function Main({ place, onPanel, isNarrow }: MainProps) {
  const [, navigate] = useLocation();
  const status = useDeskState((state) => state.list.status);
  switch (place.kind) {
    case "conversation": {
      const back = isNarrow ? { onBack: () => navigate(placeOf.list(status)) } : {};
      return <Conversation id={place.id} onPanel={onPanel} {...back} />;
    }
    case "settings":
      return <Settings />;
    case "setup":
      return <Setup />;
    case "usage":
      return <Usage />;
    case "search":
      return <Search />;
    case "list":
      return <Nothing />;
    case "nowhere":
      return <Nowhere />;
  }
}

/** Everything that can be opened is there before the network may go. */
function useParts(): void {
  const isLive = useDeskState((state) => state.connection.kind === "live");
  useEffect(() => {
    if (isLive) void loadParts();
  }, [isLive]);
}

/** The address decides which conversation is open. */
function useOpen(id: ConversationId | null): void {
  const desk = useDesk();
  useEffect(() => {
    desk.open(id);
  }, [desk, id]);
}

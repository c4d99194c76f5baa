// Where it begins: language and theme, then the desk, then the screen.
import { CSPProvider } from "@base-ui/react/csp-provider";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/app";
import { askBeforeLoss } from "./app/leave";
import { startTheme } from "./app/theme";
import { forgetBetweenTurns } from "./app/turn";
import { preferredLocale, setLocale } from "./catalogue/catalogue";
import { DeskProvider } from "./desk/context";
import { createDesk } from "./desk/desk";
import { clearDrafts, followDrafts } from "./features/composer/drafts";
import "./style/fonts.css";
import "./style/tokens.css";
import "./style/base.css";
import "./style/controls.css";
import "./style/overlays.css";

async function start(root: HTMLElement): Promise<void> {
  startTheme();
  const desk = createDesk({ onLeft: clearDrafts });
  followDrafts();
  askBeforeLoss(desk);
  forgetBetweenTurns(desk);
  // The words load while the desk is asked who this is.
  desk.start();
  // Without them English is there: better than nothing.
  await setLocale(preferredLocale()).catch(() => {});
  createRoot(root).render(
    <StrictMode>
      {/* The page's policy allows no inline style elements. */}
      <CSPProvider disableStyleElements>
        <DeskProvider value={desk}>
          <App />
        </DeskProvider>
      </CSPProvider>
    </StrictMode>,
  );
  void import("./style/fonts-east.css");
  whenLoaded(() => void import("./shell/register").then(({ keepShell }) => keepShell()).catch(() => {}));
}

function whenLoaded(run: () => void): void {
  if (document.readyState === "complete") run();
  else addEventListener("load", run, { once: true });
}

const root = document.getElementById("root");
if (root) void start(root);

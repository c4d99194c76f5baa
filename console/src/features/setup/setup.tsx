// What an admin sets up: the LINE accounts, and whether everything that the installation needs is as it should be.
import { useMessages } from "../../catalogue/catalogue";
import { useMe } from "../../desk/context";
import { isAdmin } from "../composer/standing";
import { Channels } from "./channels";
import { CheckUp } from "./check-up";
import "./setup.css";

export function Setup() {
  const t = useMessages().setup;
  const me = useMe();
  return (
    <div className="page setup">
      <header className="page-head">
        <h1>{t.title}</h1>
      </header>
      <div className="setup-body">
        {isAdmin(me) ? (
          <>
            <Channels />
            <CheckUp />
          </>
        ) : (
          <p className="empty">{t.notYours}</p>
        )}
      </div>
    </div>
  );
}

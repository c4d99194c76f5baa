// The operator's own settings. Each takes effect at once; only the password and signing out everywhere have a button.
import { useState } from "react";
import { Link } from "wouter";
import { placeOf } from "../../app/places";
import { setTheme, THEMES, useTheme } from "../../app/theme";
import { setLocale, useLocale, useMessages } from "../../catalogue/catalogue";
import { LOCALE_NAMES, LOCALES } from "../../catalogue/messages";
import { useMe } from "../../desk/context";
import { OperatorMark } from "../../ui/avatar";
import { Button } from "../../ui/button";
import { langOf } from "../../ui/language";
import { isAdmin } from "../composer/standing";
import { NotifySettings } from "../notify/notify-settings";
import { SignOutDialog } from "../status/sign-out";
import { Choice } from "./choice";
import { PasswordForm } from "./password-form";
import "./settings.css";

export function Settings() {
  const { common, settings: t, setup, status } = useMessages();
  const [isLeaving, setLeaving] = useState(false);
  const me = useMe();
  const theme = useTheme();
  const locale = useLocale();
  return (
    <div className="page settings">
      <header className="page-head">
        <h1>{t.head}</h1>
      </header>
      <div className="settings-body">
        <section className="setting">
          <h2>{t.account}</h2>
          <div className="account">
            <OperatorMark id={me.id} name={me.display_name} size={32} />
            <p>
              <b lang={langOf(me.display_name)}>{me.display_name}</b>
              <span>
                {me.username} · {common.role[me.role]}
              </span>
            </p>
          </div>
        </section>
        <section className="setting">
          <h2>{t.look}</h2>
          <Choice
            label={t.theme}
            value={theme}
            options={THEMES.map((value) => ({ value, label: t.themes[value] }))}
            onChoose={setTheme}
          />
          <Choice
            label={t.language}
            value={locale}
            options={LOCALES.map((value) => ({
              value,
              label: LOCALE_NAMES[value],
              lang: value === "zh-TW" ? "zh-Hant" : value,
            }))}
            onChoose={(value) => void setLocale(value)}
          />
        </section>
        <div className="setting">
          <NotifySettings />
        </div>
        {isAdmin(me) && (
          <section className="setting">
            <h2>{setup.title}</h2>
            <p>{setup.words}</p>
            <p>
              <Link href={placeOf.setup}>{setup.open}</Link>
            </p>
          </section>
        )}
        <section className="setting">
          <h2>{t.password}</h2>
          <PasswordForm username={me.username} />
        </section>
        <section className="setting">
          <h2>{common.signOut}</h2>
          <p>{status.everywhereWords}</p>
          <Button kind="line" onClick={() => setLeaving(true)}>
            {status.everywhere}
          </Button>
          {isLeaving && <SignOutDialog everywhere onClose={() => setLeaving(false)} />}
        </section>
      </div>
    </div>
  );
}

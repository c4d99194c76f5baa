// Signing in, wherever one is: the address stays, so that afterwards one is back where one was.
import { type FormEvent, useRef, useState } from "react";
import { useMessages } from "../../catalogue/catalogue";
import { useDesk, useDeskState } from "../../desk/context";
import { faultOf } from "../../desk/fault";
import type { Fault } from "../../realtime/types";
import { Button, IconButton } from "../../ui/button";
import { BrandMark } from "../../ui/icon";
import { Languages } from "./languages";
import { Refusal, useLock } from "./refusal";
import "./sign-in.css";

export function SignIn({ reason }: { reason: "new" | "ended" }) {
  const t = useMessages().signin;
  const desk = useDesk();
  const unsent = useDeskState((state) => state.outbox.length);
  const [fault, setFault] = useState<Fault | null>(null);
  const [isGoing, setGoing] = useState(false);
  const [isShown, setShown] = useState(false);
  const lock = useLock(fault);
  const name = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (isGoing || lock.seconds > 0) return;
    setGoing(true);
    try {
      await desk.signIn(name.current?.value.trim() ?? "", password.current?.value ?? "");
    } catch (why) {
      lock.start(faultOf(why));
      setFault(faultOf(why));
      password.current?.select();
      password.current?.focus();
    } finally {
      setGoing(false);
    }
  }

  return (
    <main className="signin">
      <form onSubmit={submit}>
        <div className="brand">
          <BrandMark />
          <b>linedesk</b>
        </div>
        <h1>{t.head}</h1>
        <div aria-live="assertive" className="signin-said">
          {reason === "ended" && !fault && (
            <p className="ban warn">
              {t.expired} {unsent > 0 && t.kept(unsent)}
            </p>
          )}
          {fault && <Refusal fault={fault} seconds={lock.seconds} />}
        </div>
        <label className="field">
          <span>{t.name}</span>
          <input
            ref={name}
            className="input"
            name="username"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            required
            // biome-ignore lint/a11y/noAutofocus: the screen is only this form
            autoFocus
          />
        </label>
        <div className="field">
          <label htmlFor="signin-password">
            <span>{t.password}</span>
          </label>
          <div className="with-button">
            <input
              id="signin-password"
              ref={password}
              className="input"
              name="password"
              type={isShown ? "text" : "password"}
              autoComplete="current-password"
              required
            />
            <IconButton
              icon="eye"
              label={isShown ? t.hidePassword : t.showPassword}
              isPressed={isShown}
              onClick={() => setShown(!isShown)}
            />
          </div>
        </div>
        <Button type="submit" kind="primary" disabled={isGoing || lock.seconds > 0}>
          {isGoing ? t.going : t.go}
        </Button>
        <Languages />
      </form>
    </main>
  );
}

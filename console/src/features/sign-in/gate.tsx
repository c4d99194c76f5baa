// What stands before the desk: starting, the desk away, or the sign-in form.
import type { ReactNode } from "react";
import { useMessages } from "../../catalogue/catalogue";
import { useDesk, useDeskState } from "../../desk/context";
import { Button } from "../../ui/button";
import { BrandMark } from "../../ui/icon";
import { NextTry, useUnsent } from "../status/connection";
import { SignIn } from "./sign-in";
import "./sign-in.css";

export function Gate({ children }: { children: ReactNode }): ReactNode {
  const signIn = useDeskState((state) => state.signIn);
  if (signIn.kind === "signed_in") return children;
  if (signIn.kind === "starting") return <Starting />;
  return signIn.reason === "away" ? <Away /> : <SignIn reason={signIn.reason} />;
}

function Starting() {
  const t = useMessages().signin;
  return (
    <main className="signin late" aria-busy="true">
      <div className="brand">
        <BrandMark />
        <p>{t.starting}</p>
      </div>
    </main>
  );
}

function Away() {
  const { signin: t, status } = useMessages();
  const desk = useDesk();
  const unsent = useUnsent();
  return (
    <main className="signin">
      <section className="signin-box" role="status">
        <div className="brand">
          <BrandMark />
          <b>linedesk</b>
        </div>
        <h1>{t.awayHead}</h1>
        <p>{t.awayTrying}</p>
        {unsent > 0 && <p>{status.unsent(unsent)}</p>}
        <p>
          <NextTry />
        </p>
        <Button kind="line" onClick={() => desk.tryNow()}>
          {status.tryNow}
        </Button>
      </section>
    </main>
  );
}

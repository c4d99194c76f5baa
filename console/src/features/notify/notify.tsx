// Tells the operator what happens; mounted once, below the sign-in. Shows nothing but a line for screen readers.
import { useEffect, useEffectEvent, useState } from "react";
import { useLocation } from "wouter";
import { useMessages } from "../../catalogue/catalogue";
import { useDesk, useMe } from "../../desk/context";
import type { Happening } from "../../desk/types";
import { nameOf } from "../../ui/name";
import { makeClaims } from "./one-tab";
import { followSettings } from "./settings";
import { unlockSound } from "./sound";
import { watch } from "./watch";
import { whatOf } from "./words";

export function Notify() {
  const t = useMessages().notify;
  const desk = useDesk();
  const { id: me } = useMe();
  const [, navigate] = useLocation();
  const [said, setSaid] = useState("");

  const open = useEffectEvent((place: string) => navigate(place));
  const announce = useEffectEvent((happening: Happening) => {
    const { conversation } = happening;
    // What comes into the open conversation is told there.
    const isThere = conversation.id === desk.store.getState().openId && happening.kind === "customer_wrote";
    if (!isThere) setSaid(`${nameOf(conversation)}: ${whatOf(happening, t)}`);
  });

  useEffect(() => unlockSound(), []);
  useEffect(() => followSettings(me), [me]);
  useEffect(
    () =>
      watch({
        desk,
        me,
        claims: makeClaims(),
        open: (place) => open(place),
        announce: (happening) => announce(happening),
      }),
    [desk, me],
  );

  return (
    <p className="sr" role="status">
      {said}
    </p>
  );
}

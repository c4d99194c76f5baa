// LINE may have it already: asked before it is sent twice.
import { useState } from "react";
import { useMessages } from "../../catalogue/catalogue";
import type { Delivery } from "../../protocol";
import { Button } from "../../ui/button";
import { Icon } from "../../ui/icon";
import { Popover } from "../../ui/popover";
import { useScene } from "./scene";

type SendAgainProps = { delivery: Delivery; isBusy: boolean; onSend: () => void };

export function SendAgain({ delivery, isBusy, onSend }: SendAgainProps) {
  const { thread: t, common } = useMessages();
  const { name } = useScene();
  const [isOpen, setOpen] = useState(false);
  const send = () => {
    setOpen(false);
    onSend();
  };
  return (
    <Popover
      trigger={
        <button type="button" className="link" disabled={isBusy}>
          {t.acts.send_again}
        </button>
      }
      isOpen={isOpen}
      onOpenChange={setOpen}
      align="end"
      label={t.sendAgainHead}
    >
      <h3>
        <Icon name="help" />
        {t.sendAgainHead}
      </h3>
      <p>{t.sendAgainWhy(name)}</p>
      <div className="row2">
        <Button kind="primary" onClick={send}>
          {t.sendAgain}
        </Button>
        <Button kind="line" onClick={() => setOpen(false)}>
          {t.leaveIt}
        </Button>
      </div>
      {delivery.code && (
        <details>
          <summary>{common.details}</summary>
          <dl>
            <dt>{t.code}</dt>
            <dd>{delivery.code}</dd>
            {delivery.error && (
              <>
                <dt>{t.detail}</dt>
                <dd>{delivery.error}</dd>
              </>
            )}
          </dl>
        </details>
      )}
    </Popover>
  );
}

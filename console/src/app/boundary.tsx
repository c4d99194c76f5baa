// A part of the screen that breaks takes only itself down.
import { Component, type ReactNode } from "react";
import { useMessages } from "../catalogue/catalogue";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";

type Props = {
  /** Another key is another try: a conversation that cannot be shown does not break the next. */
  resetKey: string;
  children: ReactNode;
};

export class Boundary extends Component<Props, { isBroken: boolean }> {
  override state = { isBroken: false };

  static getDerivedStateFromError(): { isBroken: boolean } {
    return { isBroken: true };
  }

  override componentDidUpdate(before: Props): void {
    if (before.resetKey !== this.props.resetKey && this.state.isBroken) this.setState({ isBroken: false });
  }

  override render(): ReactNode {
    return this.state.isBroken ? <Broken /> : this.props.children;
  }
}

function Broken() {
  const t = useMessages().status;
  return (
    <div className="empty broken" role="alert">
      <Icon name="alert" />
      <b>{t.brokenHead}</b>
      <p>{t.broken}</p>
      <Button kind="line" onClick={() => location.reload()}>
        {t.reload}
      </Button>
    </div>
  );
}

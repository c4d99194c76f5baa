// What can be done with a customer, from the panel's menu and the palette.
import { useState } from "react";
import { useMessages } from "../../catalogue/catalogue";
import { useDesk } from "../../desk/context";
import type { Summary } from "../../protocol";
import type { Fault } from "../../realtime/types";
import type { MenuItem } from "../../ui/menu";
import { showToast } from "../../ui/toasts";
import { useCommand } from "../keyboard/commands";

export type CustomerActs = {
  items: readonly MenuItem[];
  isRefreshing: boolean;
  /** What did not happen, and why. */
  failure: { lead: string; fault: Fault } | null;
};

export function useCustomerActs(summary: Summary): CustomerActs {
  const t = useMessages().customer;
  const desk = useDesk();
  const { id, archived } = summary;
  const [isRefreshing, setRefreshing] = useState(false);
  const [failure, setFailure] = useState<CustomerActs["failure"]>(null);

  const refresh = () => {
    setFailure(null);
    setRefreshing(true);
    desk
      .refreshProfile(id)
      .then(
        () => showToast({ text: t.refreshed, kind: "ok" }),
        (fault: Fault) => setFailure({ lead: t.notRefreshed, fault }),
      )
      .finally(() => setRefreshing(false));
  };
  const archive = (isArchived: boolean) => {
    setFailure(null);
    desk.archive(id, isArchived).then(
      () =>
        showToast({
          text: isArchived ? t.archivedNow : t.unarchivedNow,
          kind: "ok",
          action: { label: t.undo, run: () => archive(!isArchived) },
        }),
      (fault: Fault) => setFailure({ lead: t.notArchived, fault }),
    );
  };

  // The desk refuses to archive what somebody takes care of.
  const canArchive = archived || summary.session === null;
  const archiveLabel = archived ? t.unarchive : t.archive;
  useCommand({ id: "customer.refresh", label: t.refresh, run: refresh, isEnabled: !isRefreshing });
  useCommand({ id: "customer.archive", label: archiveLabel, run: () => archive(!archived), isEnabled: canArchive });

  return {
    isRefreshing,
    failure,
    items: [
      { id: "refresh", label: t.refresh, icon: "retry", isDisabled: isRefreshing, onSelect: refresh },
      {
        id: "archive",
        label: archiveLabel,
        icon: "inbox",
        isDisabled: !canArchive,
        onSelect: () => archive(!archived),
      },
    ],
  };
}

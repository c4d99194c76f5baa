// The conversation list: head, filters, field, and rows or what stands in their place.
import { useMessages } from "../../catalogue/catalogue";
import { useDeskState } from "../../desk/context";
import { Filters } from "./filters";
import { ListHeader } from "./header";
import { ListFault, NoRows, Skeleton } from "./list-state";
import { QuickSearch } from "./quick-search";
import { Rows } from "./rows";
import "./list.css";

export function ConversationList() {
  const t = useMessages().common;
  const { load, hasRows, view } = useDeskState(({ list }) => ({
    load: list.load,
    hasRows: list.ids.length > 0,
    view: `${list.status} ${list.q} ${list.tag}`,
  }));
  return (
    <section className="list" aria-label={t.conversations}>
      <ListHeader />
      <Filters />
      <QuickSearch />
      {load.kind === "failed" && <ListFault fault={load.fault} hasRows={hasRows} />}
      {hasRows && <Rows key={view} />}
      {!hasRows && load.kind === "loading" && <Skeleton />}
      {!hasRows && load.kind === "ready" && <NoRows />}
    </section>
  );
}

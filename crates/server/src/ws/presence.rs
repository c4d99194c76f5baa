//! Who is there, over all nodes: pure bookkeeping of what each node says of its own sockets.
//!
//! A node's word holds until its next one, or until it has been silent for [`SILENCE_MS`].

use std::collections::{BTreeMap, BTreeSet, HashMap};

use linedesk_protocol::{ConversationId, OperatorId, OperatorStatus};
use serde::{Deserialize, Serialize};

/// After so long without a word a node is taken for dead.
const SILENCE_MS: i64 = 15_000;

/// One operator on one node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Here {
    pub(crate) name: String,
    pub(crate) status: OperatorStatus,
    /// When the status was set: the newest counts.
    pub(crate) status_at_ms: i64,
    pub(crate) rooms: BTreeSet<ConversationId>,
}

/// Everybody on one node.
pub(crate) type NodeView = BTreeMap<OperatorId, Here>;

/// What changed for those who look on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    /// The list of operators or a status.
    pub(crate) list: bool,
    pub(crate) joined: Vec<(ConversationId, OperatorId, String)>,
    pub(crate) left: Vec<(ConversationId, OperatorId, String)>,
}

/// Everybody.
#[derive(Debug, Default)]
pub(crate) struct Presence {
    nodes: HashMap<String, (i64, NodeView)>,
    merged: NodeView,
}

impl Presence {
    /// Takes a node's word.
    pub(crate) fn apply(&mut self, node: &str, view: NodeView, now_ms: i64) -> Changes {
        if view.is_empty() {
            self.nodes.remove(node);
        } else {
            self.nodes.insert(node.to_owned(), (now_ms, view));
        }
        self.merge()
    }

    /// Forgets nodes that have been silent, `own` excepted.
    pub(crate) fn forget_silent(&mut self, own: &str, now_ms: i64) -> Changes {
        self.nodes.retain(|node, (heard, _)| node == own || now_ms - *heard < SILENCE_MS);
        self.merge()
    }

    pub(crate) const fn everybody(&self) -> &NodeView {
        &self.merged
    }

    fn merge(&mut self) -> Changes {
        let mut merged = NodeView::new();
        for (operator, here) in self.nodes.values().flat_map(|(_, view)| view) {
            let entry = merged.entry(*operator).or_insert_with(|| here.clone());
            entry.rooms.extend(&here.rooms);
            if here.status_at_ms > entry.status_at_ms {
                entry.status = here.status;
                entry.status_at_ms = here.status_at_ms;
            }
        }
        let before = std::mem::replace(&mut self.merged, merged);
        let shown =
            |view: &NodeView| view.iter().map(|(id, here)| (*id, here.name.clone(), here.status)).collect::<Vec<_>>();
        Changes {
            list: shown(&before) != shown(&self.merged),
            joined: in_rooms_but_not_in(&self.merged, &before),
            left: in_rooms_but_not_in(&before, &self.merged),
        }
    }
}

fn in_rooms_but_not_in(view: &NodeView, other: &NodeView) -> Vec<(ConversationId, OperatorId, String)> {
    let is_there = |operator: &OperatorId, room: &ConversationId| {
        other.get(operator).is_some_and(|here| here.rooms.contains(room))
    };
    view.iter()
        .flat_map(|(operator, here)| here.rooms.iter().map(move |room| (*room, *operator, here.name.clone())))
        .filter(|(room, operator, _)| !is_there(operator, room))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(status: OperatorStatus, at: i64, rooms: &[i64]) -> NodeView {
        let rooms = rooms.iter().copied().map(ConversationId).collect();
        [(OperatorId(1), Here { name: "A".to_owned(), status, status_at_ms: at, rooms })].into()
    }

    #[test]
    fn ws9_first_in_and_last_out_count_over_all_nodes() {
        let mut presence = Presence::default();
        let first = presence.apply("a", view(OperatorStatus::Online, 1, &[7]), 0);
        assert!(first.list && first.joined.len() == 1 && first.left.is_empty());
        assert_eq!(presence.apply("b", view(OperatorStatus::Online, 1, &[7]), 0), Changes::default());
        assert_eq!(presence.apply("a", NodeView::new(), 0), Changes::default());
        let last = presence.apply("b", NodeView::new(), 0);
        assert!(last.list && last.left.len() == 1);
        assert!(presence.everybody().is_empty(), "every trace is gone");
    }

    #[test]
    fn the_newest_status_counts_and_dead_nodes_are_forgotten() {
        let mut presence = Presence::default();
        presence.apply("a", view(OperatorStatus::Online, 1, &[]), 0);
        presence.apply("b", view(OperatorStatus::Busy, 2, &[]), 0);
        assert_eq!(presence.everybody()[&OperatorId(1)].status, OperatorStatus::Busy);
        assert!(presence.forget_silent("a", SILENCE_MS).list);
        assert_eq!(presence.everybody()[&OperatorId(1)].status, OperatorStatus::Online);
    }
}

//! Who is there, over all nodes: pure bookkeeping of what each node says of its own sockets.
//!
//! A node's word holds until its next one, or until it has been silent for [`SILENCE_MS`].

use std::collections::{BTreeMap, BTreeSet, HashMap};

use linedesk_protocol::{ConversationId, OperatorId, OperatorStatus};
use serde::{Deserialize, Serialize};

/// After so long without a word a node is taken for dead.
const SILENCE_MS: i64 = 7_000;

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
    /// Takes a node's word about all of its operators.
    pub(crate) fn apply(&mut self, node: &str, view: NodeView, now_ms: i64) -> Changes {
        let before =
            if view.is_empty() { self.nodes.remove(node) } else { self.nodes.insert(node.to_owned(), (now_ms, view)) };
        let before = before.map(|(_, view)| view).unwrap_or_default();
        let now = self.nodes.get(node).into_iter().flat_map(|(_, view)| view.keys());
        let operators: BTreeSet<OperatorId> = before.keys().chain(now).copied().collect();
        self.merge(operators)
    }

    /// Takes a node's word about one operator; none = gone from there.
    pub(crate) fn apply_one(&mut self, node: &str, operator: OperatorId, here: Option<Here>, now_ms: i64) -> Changes {
        let (heard_ms, view) = self.nodes.entry(node.to_owned()).or_insert_with(|| (now_ms, NodeView::new()));
        *heard_ms = now_ms;
        match here {
            Some(here) => drop(view.insert(operator, here)),
            None => drop(view.remove(&operator)),
        }
        if view.is_empty() {
            self.nodes.remove(node);
        }
        self.merge([operator])
    }

    /// Forgets nodes that have been silent, `own` excepted.
    pub(crate) fn forget_silent(&mut self, own: &str, now_ms: i64) -> Changes {
        let mut operators = BTreeSet::new();
        self.nodes.retain(|node, (heard_ms, view)| {
            let is_alive = node == own || now_ms - *heard_ms < SILENCE_MS;
            if !is_alive {
                operators.extend(view.keys());
            }
            is_alive
        });
        self.merge(operators)
    }

    pub(crate) const fn everybody(&self) -> &NodeView {
        &self.merged
    }

    pub(crate) fn of_node(&self, node: &str) -> Option<&NodeView> {
        self.nodes.get(node).map(|(_, view)| view)
    }

    /// Works out anew where these operators are.
    fn merge(&mut self, operators: impl IntoIterator<Item = OperatorId>) -> Changes {
        let mut changes = Changes::default();
        for operator in operators {
            let mut merged: Option<Here> = None;
            for here in self.nodes.values().filter_map(|(_, view)| view.get(&operator)) {
                let entry = merged.get_or_insert_with(|| here.clone());
                entry.rooms.extend(&here.rooms);
                if here.status_at_ms > entry.status_at_ms {
                    (entry.status, entry.status_at_ms) = (here.status, here.status_at_ms);
                }
            }
            let before = match &merged {
                Some(here) => self.merged.insert(operator, here.clone()),
                None => self.merged.remove(&operator),
            };
            changes.add(operator, before.as_ref(), merged.as_ref());
        }
        changes
    }
}

impl Changes {
    fn add(&mut self, operator: OperatorId, before: Option<&Here>, now: Option<&Here>) {
        self.list |= before.map(|here| (&here.name, here.status)) != now.map(|here| (&here.name, here.status));
        let rooms_but_not_of = |of: Option<&Here>, other: Option<&Here>| -> Vec<(ConversationId, OperatorId, String)> {
            let rooms =
                of.into_iter().flat_map(|here| here.rooms.iter().map(move |room| (*room, operator, here.name.clone())));
            rooms.filter(|(room, ..)| !other.is_some_and(|other| other.rooms.contains(room))).collect()
        };
        self.joined.extend(rooms_but_not_of(now, before));
        self.left.extend(rooms_but_not_of(before, now));
    }
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
    fn ws9_one_operator_more_or_less_leaves_the_others_alone() {
        let mut presence = Presence::default();
        let here = |rooms: &[i64]| view(OperatorStatus::Online, 1, rooms).remove(&OperatorId(1));
        assert!(presence.apply_one("a", OperatorId(1), here(&[7]), 0).list);
        assert!(presence.apply_one("a", OperatorId(2), here(&[7]), 0).list);
        let moved = presence.apply_one("a", OperatorId(1), here(&[8]), 0);
        assert!(!moved.list);
        assert_eq!((moved.joined[0].0, moved.left[0].0), (ConversationId(8), ConversationId(7)));
        assert_eq!(presence.apply_one("a", OperatorId(1), None, 0).left.len(), 1);
        assert_eq!(presence.everybody().len(), 1);
        presence.apply_one("a", OperatorId(2), None, 0);
        assert!(presence.everybody().is_empty() && presence.of_node("a").is_none());
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

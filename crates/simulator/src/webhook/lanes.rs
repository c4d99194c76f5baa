//! The queues of webhooks, one per customer, and the memory of what was sent.
//!
//! INVARIANT: a lane exists exactly while a task runs it, and no lane holds more than [`LANE`] requests.

use std::collections::{HashMap, VecDeque};

use serde_json::Value;

/// Requests that may wait for one customer.
const LANE: usize = 5_000;
/// Events that can still be sent again.
const SENT: usize = 5_000;

/// One webhook request: its events.
#[derive(Clone, Debug)]
pub(crate) struct Dispatch {
    pub(crate) events: Vec<Value>,
}

impl Dispatch {
    pub(crate) fn mark_as_redelivery(&mut self) {
        for event in &mut self.events {
            if let Some(event) = event.as_object_mut() {
                event.insert("deliveryContext".to_owned(), serde_json::json!({"isRedelivery": true}));
            }
        }
    }

    pub(crate) fn is_redelivery(&self) -> bool {
        self.events.iter().any(|event| event["deliveryContext"]["isRedelivery"] == true)
    }
}

/// Too many webhooks wait for this customer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct QueueFull;

#[derive(Debug, Default)]
pub(crate) struct Lanes {
    lanes: HashMap<String, VecDeque<Dispatch>>,
}

impl Lanes {
    /// True when the lane is new and needs a task.
    pub(crate) fn push(&mut self, lane: &str, dispatch: Dispatch) -> Result<bool, QueueFull> {
        match self.lanes.get_mut(lane) {
            Some(queue) if queue.len() >= LANE => Err(QueueFull),
            Some(queue) => {
                queue.push_back(dispatch);
                Ok(false)
            }
            None => {
                self.lanes.insert(lane.to_owned(), VecDeque::from([dispatch]));
                Ok(true)
            }
        }
    }

    /// The next request; with none left the lane ends, and its task must.
    pub(crate) fn pop(&mut self, lane: &str) -> Option<Dispatch> {
        let next = self.lanes.get_mut(lane)?.pop_front();
        if next.is_none() {
            self.lanes.remove(lane);
        }
        next
    }

    /// Whether the next push would be refused.
    pub(crate) fn is_full(&self, lane: &str) -> bool {
        self.lanes.get(lane).is_some_and(|queue| queue.len() >= LANE)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lanes.is_empty()
    }
}

/// The requests sent lately, newest last.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    requests: VecDeque<Vec<Value>>,
}

impl Sent {
    pub(crate) fn remember(&mut self, events: &[Value]) {
        let id = |events: &[Value]| events.first().map(|event| event["webhookEventId"].clone());
        // A try more of the same request is not another one, and without events there is nothing to send again.
        if events.is_empty() || self.requests.back().is_some_and(|last| id(last) == id(events)) {
            return;
        }
        if self.requests.len() == SENT {
            self.requests.pop_front();
        }
        self.requests.push_back(events.to_vec());
    }

    pub(crate) fn last(&self) -> Option<Dispatch> {
        self.requests.back().map(|events| Dispatch { events: events.clone() })
    }

    pub(crate) fn find(&self, event_id: &str) -> Option<Dispatch> {
        let mut events = self.requests.iter().rev().flatten();
        let event = events.find(|event| event["webhookEventId"] == event_id)?;
        Some(Dispatch { events: vec![event.clone()] })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn dispatch(id: &str) -> Dispatch {
        Dispatch { events: vec![json!({"webhookEventId": id})] }
    }

    #[test]
    fn a_lane_ends_when_it_is_empty_and_is_bounded() {
        let mut lanes = Lanes::default();
        assert_eq!(lanes.push("a", dispatch("1")), Ok(true));
        assert_eq!(lanes.push("a", dispatch("2")), Ok(false));
        assert!(lanes.pop("a").is_some() && lanes.pop("a").is_some());
        assert!(!lanes.is_empty(), "the last request is still on its way");
        assert!(lanes.pop("a").is_none() && lanes.is_empty());
        for _ in 0..LANE {
            lanes.push("a", dispatch("1")).unwrap();
        }
        assert!(lanes.is_full("a") && !lanes.is_full("b"));
        assert_eq!(lanes.push("a", dispatch("1")), Err(QueueFull));
        assert_eq!(lanes.push("b", dispatch("1")), Ok(true));
    }

    #[test]
    fn an_event_of_a_batch_can_be_found_and_is_sent_again_alone() {
        let mut sent = Sent::default();
        sent.remember(&[json!({"webhookEventId": "1"}), json!({"webhookEventId": "2"})]);
        let mut again = sent.find("2").unwrap();
        assert!(!again.is_redelivery());
        again.mark_as_redelivery();
        assert!(again.is_redelivery());
        assert_eq!(again.events.len(), 1);
        assert!(sent.find("3").is_none());
    }
}

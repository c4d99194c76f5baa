//! Which nodes live, by their beats: numbers that a node counts up in the database for as long as it works.
//!
//! Whoever looks measures by its own clock how long a number has stood still, so that nodes' clocks need not agree and may
//! jump. Who was not looking itself for a while accuses nobody: where the database was away, it was so for the others too.

use std::collections::HashMap;
use std::time::Duration;

/// How often a node beats and looks.
pub const BEAT_EVERY: Duration = Duration::from_secs(1);
/// A node whose number stood still for so long is taken for dead. What it held is free within two looks more.
pub const SILENCE: Duration = Duration::from_secs(6);
/// Whoever did not look for longer begins anew.
const INATTENTION: Duration = Duration::from_secs(3);

/// A node's number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beat {
    pub node: String,
    pub number: i64,
}

/// What one node has seen of the others.
#[derive(Debug, Default)]
pub struct Watch {
    /// With when each number was first seen.
    seen: HashMap<String, (i64, Duration)>,
    looked_at: Option<Duration>,
}

impl Watch {
    /// Takes a look at everybody's numbers; gives those of nodes that are dead. `now` is any clock that never jumps.
    pub fn look(&mut self, own: &str, beats: Vec<Beat>, now: Duration) -> Vec<Beat> {
        let was_attentive = self.looked_at.is_some_and(|at| now.saturating_sub(at) < INATTENTION);
        self.looked_at = Some(now);
        let before = std::mem::take(&mut self.seen);
        let mut dead = Vec::new();
        for beat in beats.into_iter().filter(|beat| beat.node != own) {
            let known = before.get(&beat.node).filter(|(number, _)| was_attentive && *number == beat.number);
            let since = known.map_or(now, |(_, since)| *since);
            self.seen.insert(beat.node.clone(), (beat.number, since));
            if now.saturating_sub(since) >= SILENCE {
                dead.push(beat);
            }
        }
        dead
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beats(numbers: &[(&str, i64)]) -> Vec<Beat> {
        numbers.iter().map(|(node, number)| Beat { node: (*node).to_owned(), number: *number }).collect()
    }

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn dl8_a_node_whose_number_stands_still_is_dead_and_one_that_counts_is_not() {
        let mut watch = Watch::default();
        let mut counted = 0;
        for second in 0..6 {
            counted += 1;
            assert_eq!(watch.look("a", beats(&[("a", 1), ("b", counted), ("c", 7)]), at(second)), []);
        }
        let now = beats(&[("a", 1), ("b", counted + 1), ("c", 7)]);
        assert_eq!(watch.look("a", now, at(6)), beats(&[("c", 7)]), "itself it never accuses");
        assert_eq!(watch.look("a", beats(&[("c", 8)]), at(7)), [], "it was slow, and goes on");
    }

    #[test]
    fn whoever_could_not_look_accuses_nobody() {
        let mut watch = Watch::default();
        for second in [0, 1, 2, 3, 4, 60, 61, 62, 63, 64, 65] {
            assert_eq!(watch.look("a", beats(&[("b", 1)]), at(second)), [], "{second}");
        }
        assert_eq!(watch.look("a", beats(&[("b", 1)]), at(66)), beats(&[("b", 1)]));
    }

    #[test]
    fn a_number_that_goes_back_is_of_a_node_that_lives() {
        let mut watch = Watch::default();
        for second in 0..20 {
            let number = if second % 2 == 0 { 5 } else { 4 };
            assert_eq!(watch.look("a", beats(&[("b", number)]), at(second)), []);
        }
    }

    #[test]
    fn nodes_that_left_are_forgotten() {
        let mut watch = Watch::default();
        watch.look("a", beats(&[("b", 1)]), at(0));
        watch.look("a", beats(&[]), at(1));
        assert!(watch.seen.is_empty());
    }
}

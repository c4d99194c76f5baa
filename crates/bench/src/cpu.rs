//! CPU time of processes, our own or another's: Linux tells it of all.

use anyhow::Context as _;

/// Linux counts CPU time in these.
const TICKS_PER_SECOND: f64 = 100.0;

/// CPU time of some processes from a moment on.
pub(crate) struct Cpu(Vec<(u32, f64)>);

impl Cpu {
    pub(crate) fn begin(ids: impl IntoIterator<Item = u32>) -> anyhow::Result<Self> {
        Ok(Self(ids.into_iter().map(|id| Ok((id, seconds(id)?))).collect::<anyhow::Result<_>>()?))
    }

    /// For each of so many operations since then, in µs.
    #[expect(clippy::cast_precision_loss, reason = "a mean")]
    pub(crate) fn us_each(&self, operations: u64) -> anyhow::Result<f64> {
        let mut total = 0.0;
        for (id, before) in &self.0 {
            total += seconds(*id)? - before;
        }
        Ok(total * 1e6 / operations as f64)
    }
}

/// Of a process, user and system.
fn seconds(id: u32) -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
    let (_, rest) = stat.rsplit_once(')').context("an odd /proc entry")?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok()).context("an odd /proc entry");
    Ok((ticks(11)? + ticks(12)?) / TICKS_PER_SECOND)
}

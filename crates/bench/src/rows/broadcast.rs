//! The floor of everything that is told to many: encoded frames, broadcast to as many sockets of the same library.

use std::time::Instant;

use tokio::task::JoinSet;

use crate::desk::Process;
use crate::sockets::{Socket, seq_of};

/// Deliveries a second, and the CPU time of each in µs.
pub(super) async fn floor(sockets: u64, messages: u64) -> anyhow::Result<(f64, f64)> {
    let process = Process::floor().await?;
    let mut readers = JoinSet::new();
    for _ in 0..sockets {
        let mut socket = Socket::open(&process.addr, "/ws").await?;
        readers.spawn(async move {
            for _ in 0..messages {
                socket.next(seq_of).await??;
            }
            anyhow::Ok(())
        });
    }
    // Every handler has subscribed when the upgrade was answered.
    let cpu = process.cpu()?;
    let begun = Instant::now();
    reqwest::Client::new().post(process.url(&format!("/broadcast/{messages}"))).send().await?.error_for_status()?;
    while let Some(done) = readers.join_next().await {
        done??;
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    let per_second = (sockets * messages) as f64 / begun.elapsed().as_secs_f64();
    Ok((per_second, cpu.us_each(sockets * messages)?))
}

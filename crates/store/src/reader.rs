//! The reading side: a few threads, each with a connection of its own, take turns at a bounded queue.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use tokio::sync::{mpsc, oneshot};

use crate::engine::Connection;
use crate::error::StoreError;
use crate::tx::ReadTx;
use crate::writer::panic_text;

/// A read on its way to a reader thread.
pub(crate) type Read = Box<dyn FnOnce(&mut dyn Connection) + Send>;

/// Wraps a read for the queue: it runs in one consistent snapshot.
pub(crate) fn read<F, T, E>(run: F) -> (Read, oneshot::Receiver<Result<T, E>>)
where
    F: FnOnce(&mut ReadTx<'_>) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    let (answer, receiver) = oneshot::channel();
    let read = Box::new(move |connection: &mut dyn Connection| {
        // A connection that was lost while it rested is made anew: nothing has been asked yet.
        let begun = connection.begin_read().or_else(|_| {
            connection.rollback();
            connection.begin_read()
        });
        let result = match begun {
            Ok(()) => {
                let result = catch_unwind(AssertUnwindSafe(|| run(&mut ReadTx::new(connection))))
                    .unwrap_or_else(|panic| Err(StoreError::Statement(panic_text(&*panic)).into()));
                connection.rollback();
                result
            }
            Err(error) => Err(error.into()),
        };
        // The caller may have gone away.
        let _ = answer.send(result);
    });
    (read, receiver)
}

/// A reader thread: ends when every sender is gone and the queue is empty.
pub(crate) fn run(mut connection: Box<dyn Connection>, queue: &Arc<Mutex<mpsc::Receiver<Read>>>) {
    loop {
        let next = queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner).blocking_recv();
        match next {
            Some(read) => read(&mut *connection),
            None => return,
        }
    }
}

//! A file on its way, on disk: known whole before anybody is told of it, and gone with the process.

use std::io;
use std::path::Path;

use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;

/// Enough to tell what a file is.
const HEAD_BYTES: usize = 8192;

/// Why a file could not be spooled.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SpoolError {
    #[error("the file has more than {max_bytes} bytes")]
    TooLarge { max_bytes: u64 },
    #[error("the file cannot be written to the data directory")]
    Io(#[from] io::Error),
}

/// It has no name, so nothing else finds it, and a crash leaves nothing behind.
#[derive(Debug)]
pub(crate) struct Spool {
    file: std::fs::File,
    writer: File,
    head: Vec<u8>,
    size_bytes: u64,
    max_bytes: u64,
}

impl Spool {
    /// Makes one for at most `max_bytes`.
    pub(crate) async fn new(data_dir: &Path, max_bytes: u64) -> Result<Self, SpoolError> {
        let data_dir = data_dir.to_owned();
        let made = tokio::task::spawn_blocking(move || {
            std::fs::create_dir_all(&data_dir)?;
            tempfile::tempfile_in(&data_dir)
        });
        let file = made.await.map_err(io::Error::other)??;
        let writer = File::from_std(file.try_clone()?);
        Ok(Self { file, writer, head: Vec::new(), size_bytes: 0, max_bytes })
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<(), SpoolError> {
        let size = self.size_bytes.saturating_add(bytes.len() as u64);
        if size > self.max_bytes {
            return Err(SpoolError::TooLarge { max_bytes: self.max_bytes });
        }
        let missing = HEAD_BYTES - self.head.len();
        self.head.extend_from_slice(&bytes[..missing.min(bytes.len())]);
        self.writer.write_all(bytes).await?;
        self.size_bytes = size;
        Ok(())
    }

    /// To be called after the last byte: what is written may be in flight until then.
    pub(crate) async fn finish(&mut self) -> Result<(), SpoolError> {
        Ok(self.writer.flush().await?)
    }

    /// The first bytes.
    pub(crate) fn head(&self) -> &[u8] {
        &self.head
    }

    pub(crate) const fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// Shares its place in the file with other readers: rewind it, and use one at a time.
    pub(crate) fn reader(&self) -> io::Result<File> {
        Ok(File::from_std(self.file.try_clone()?))
    }

    /// As [`Spool::reader`], for blocking work.
    pub(crate) fn blocking_reader(&self) -> io::Result<std::fs::File> {
        use io::Seek as _;
        let mut file = self.file.try_clone()?;
        file.rewind()?;
        Ok(file)
    }
}

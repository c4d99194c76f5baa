//! The media store: the bytes of files, in a folder of the data directory or in S3 (`media_url`).
//!
//! Objects are named by their media's random id and never changed: written once, read, deleted. What they are is in the
//! database ([`linedesk_store::ops::media`]), which also knows the ids of those that are to go.
//!
//! INVARIANT: no file is ever held whole in memory. Bytes come from a [`spool::Spool`] in parts, and go out in parts.

pub(crate) mod link;
pub(crate) mod look;
pub(crate) mod name;
pub(crate) mod picture;
pub(crate) mod spool;

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use futures_util::Stream;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;
use object_store::{ClientOptions, ObjectStore, ObjectStoreExt as _, PutPayload, RetryConfig, WriteMultipart};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

/// S3 takes parts of 5 MiB and more.
const PART_BYTES: usize = 5 * 1024 * 1024;
/// What one reader holds in memory.
const READ_BYTES: u64 = 1024 * 1024;
/// For one request to S3; larger files take several.
const S3_WITHIN: Duration = Duration::from_secs(60);

/// A file of a folder that was written to so long ago is written to no more.
const WRITING_AT_MOST: Duration = Duration::from_secs(3600);

/// Which of a media's objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    File,
    /// A JPEG.
    Preview,
}

/// The media store does not do what it is asked: the disk is full, S3 does not answer.
#[derive(Debug, thiserror::Error)]
#[error("the media store cannot {attempted}")]
pub(crate) struct MediaError {
    attempted: &'static str,
    #[source]
    source: object_store::Error,
}

#[derive(Clone, Debug)]
pub(crate) struct MediaStore {
    objects: Arc<dyn ObjectStore>,
    prefix: ObjectPath,
    /// Where the objects are files.
    folder: Option<PathBuf>,
}

impl MediaStore {
    /// Blocking. `url` is `s3://bucket/prefix` or `file:///folder`; without one, a folder of the data directory.
    pub(crate) fn open(url: Option<&str>, data_dir: &Path) -> anyhow::Result<Self> {
        match url {
            None => Self::in_folder(&data_dir.join("media")),
            Some(url) => match (url.strip_prefix("file://"), url.strip_prefix("s3://")) {
                (Some(folder), _) => Self::in_folder(Path::new(folder)),
                (None, Some(place)) => Self::s3(place),
                (None, None) => anyhow::bail!("media_url: expected s3://bucket/prefix or file:///folder"),
            },
        }
    }

    fn in_folder(folder: &Path) -> anyhow::Result<Self> {
        use std::os::unix::fs::DirBuilderExt as _;
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.with_context(|| format!("cannot make the media folder {}", folder.display()))?;
        // "Stored" is to mean on disk.
        let objects = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
        Ok(Self { objects: Arc::new(objects), prefix: ObjectPath::default(), folder: Some(folder.to_owned()) })
    }

    /// Where and as whom: the usual `AWS_…` variables.
    fn s3(place: &str) -> anyhow::Result<Self> {
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        let client = ClientOptions::new().with_timeout(S3_WITHIN).with_connect_timeout(Duration::from_secs(5));
        // Whoever asks tries again by itself, and tells the operator meanwhile.
        let retry = RetryConfig { max_retries: 1, retry_timeout: S3_WITHIN, ..RetryConfig::default() };
        let objects = AmazonS3Builder::from_env()
            .with_bucket_name(bucket)
            .with_client_options(client_from_env(client))
            .with_retry(retry)
            .build()
            .context("media_url: S3 cannot be used")?;
        Ok(Self { objects: Arc::new(objects), prefix: ObjectPath::from(prefix), folder: None })
    }

    /// `ab/abcdef…`: folders stay small.
    fn path(&self, id: &str, part: Part) -> ObjectPath {
        let suffix = match part {
            Part::File => "",
            Part::Preview => ".preview",
        };
        let shard: String = id.chars().take(2).collect();
        self.prefix.clone().join(shard).join(format!("{id}{suffix}"))
    }

    /// Where the objects are files.
    pub(crate) fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// Where in the store an object is.
    pub(crate) fn place(&self, id: &str, part: Part) -> PathBuf {
        PathBuf::from(self.path(id, part).as_ref())
    }

    /// Writes a file from its spool. It is there whole when this returns, or not at all.
    pub(crate) async fn put_spool(&self, id: &str, spool: &spool::Spool) -> Result<(), MediaError> {
        let failed = |source| MediaError { attempted: "keep a file", source };
        let io = |error: io::Error| failed(object_store::Error::Generic { store: "spool", source: error.into() });
        let path = self.path(id, Part::File);
        let mut file = spool.reader().map_err(io)?;
        file.rewind().await.map_err(io)?;
        if spool.size_bytes() <= PART_BYTES as u64 {
            let mut bytes = Vec::with_capacity(usize::try_from(spool.size_bytes()).unwrap_or(0));
            file.read_to_end(&mut bytes).await.map_err(io)?;
            return self.objects.put(&path, PutPayload::from(bytes)).await.map(drop).map_err(failed);
        }
        let upload = self.objects.put_multipart(&path).await.map_err(failed)?;
        let mut writer = WriteMultipart::new_with_chunk_size(upload, PART_BYTES);
        match copy(&mut file, &mut writer).await {
            Ok(()) => writer.finish().await.map(drop).map_err(failed),
            Err(error) => {
                // CANCEL-SAFETY: parts of an upload that is dropped here stay in S3 until its lifecycle rule ends them.
                let _ = writer.abort().await;
                Err(failed(error))
            }
        }
    }

    /// Writes a small object.
    pub(crate) async fn put(&self, id: &str, part: Part, bytes: Vec<u8>) -> Result<(), MediaError> {
        let put = self.objects.put(&self.path(id, part), PutPayload::from(bytes)).await;
        put.map(drop).map_err(|source| MediaError { attempted: "keep a file", source })
    }

    /// How many bytes an object has; none when it is not there.
    pub(crate) async fn size(&self, id: &str, part: Part) -> Result<Option<u64>, MediaError> {
        match self.objects.head(&self.path(id, part)).await {
            Ok(found) => Ok(Some(found.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(source) => Err(MediaError { attempted: "look for a file", source }),
        }
    }

    /// A range of an object, as it is read.
    pub(crate) fn read(
        &self,
        id: &str,
        part: Part,
        range: Range<u64>,
    ) -> impl Stream<Item = Result<Bytes, MediaError>> + Send + use<> {
        let (objects, path) = (Arc::clone(&self.objects), self.path(id, part));
        futures_util::stream::try_unfold(range.start, move |at| {
            let (objects, path, end) = (Arc::clone(&objects), path.clone(), range.end);
            async move {
                if at >= end {
                    return Ok(None);
                }
                let to = end.min(at + READ_BYTES);
                let bytes = objects.get_range(&path, at..to).await;
                let bytes = bytes.map_err(|source| MediaError { attempted: "read a file", source })?;
                Ok(Some((bytes, to)))
            }
        })
    }

    /// Deletes a media's objects, those that are there.
    pub(crate) async fn delete(&self, id: &str) -> Result<(), MediaError> {
        for part in [Part::File, Part::Preview] {
            match self.objects.delete(&self.path(id, part)).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(source) => return Err(MediaError { attempted: "delete a file", source }),
            }
        }
        let Some(folder) = self.folder.as_ref().and_then(|folder| Some(folder.join(id.get(..2)?))) else {
            return Ok(());
        };
        let id = id.to_owned();
        let is_its_own = move |name: &str| name.starts_with(&id);
        blocking(move || remove_unfinished(&folder, is_its_own, Duration::ZERO)).await
    }

    /// Removes what writings left that a crash ended: S3 has its lifecycle rules for that, a folder has us.
    pub(crate) async fn sweep(&self) -> Result<(), MediaError> {
        let Some(folder) = self.folder.clone() else { return Ok(()) };
        let sweep = move || {
            for shard in std::fs::read_dir(folder)? {
                let shard = shard?.path();
                if shard.is_dir() {
                    remove_unfinished(&shard, |_| true, WRITING_AT_MOST)?;
                }
            }
            Ok(())
        };
        blocking(sweep).await
    }
}

/// `ab/abcdef…#1` or `ab/abcdef….preview#1`. The folder may be one that others use as well: nothing else is touched.
fn is_unfinished(folder: &Path, name: &str) -> bool {
    let Some((object, number)) = name.split_once('#') else { return false };
    let id = object.strip_suffix(".preview").unwrap_or(object);
    let is_shard = folder.file_name().and_then(|shard| shard.to_str()).is_some_and(|shard| id.get(..2) == Some(shard));
    let is_id = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    is_shard && is_id && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// `LocalFileSystem` writes `name#1` and renames it when it is whole.
fn remove_unfinished(folder: &Path, is_meant: impl Fn(&str) -> bool, older_than: Duration) -> io::Result<()> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let is_unfinished =
            entry.file_name().to_str().is_some_and(|name| is_unfinished(folder, name) && is_meant(name));
        // Gone in between: it was finished.
        let age = || entry.metadata().and_then(|facts| facts.modified()).ok()?.elapsed().ok();
        if is_unfinished && (older_than.is_zero() || age().is_some_and(|age| age >= older_than)) {
            match std::fs::remove_file(entry.path()) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
    }
    Ok(())
}

async fn blocking(work: impl FnOnce() -> io::Result<()> + Send + 'static) -> Result<(), MediaError> {
    let done = tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(io::Error::other(error)));
    done.map_err(|error| MediaError {
        attempted: "delete a file",
        source: object_store::Error::Generic { store: "folder", source: error.into() },
    })
}

/// Options replace those that the environment gave.
fn client_from_env(client: ClientOptions) -> ClientOptions {
    let allows_http = std::env::var("AWS_ALLOW_HTTP").is_ok_and(|value| value.eq_ignore_ascii_case("true"));
    client.with_allow_http(allows_http)
}

async fn copy(file: &mut tokio::fs::File, writer: &mut WriteMultipart) -> Result<(), object_store::Error> {
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let count = file.read(&mut buffer).await;
        let count = count.map_err(|error| object_store::Error::Generic { store: "spool", source: error.into() })?;
        if count == 0 {
            return Ok(());
        }
        writer.wait_for_capacity(1).await?;
        writer.write(&buffer[..count]);
    }
}

#[cfg(test)]
mod tests;

use futures_util::TryStreamExt as _;

use super::spool::{Spool, SpoolError};
use super::*;

async fn spooled(folder: &Path, bytes: &[u8]) -> Spool {
    let mut spool = Spool::new(folder, u64::MAX).await.unwrap();
    for piece in bytes.chunks(100_000) {
        spool.write(piece).await.unwrap();
    }
    spool.finish().await.unwrap();
    spool
}

async fn read(media: &MediaStore, id: &str, range: Range<u64>) -> Vec<u8> {
    let parts: Vec<Bytes> = media.read(id, Part::File, range).try_collect().await.unwrap();
    parts.concat()
}

#[tokio::test]
async fn what_was_put_is_read_in_whole_and_in_parts_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let media = MediaStore::open(None, folder.path()).unwrap();
    // Small, and in several parts.
    for size in [0, 10, PART_BYTES * 2 + 77] {
        let bytes: Vec<u8> = (0..=250).cycle().take(size).collect();
        media.put_spool("abcd", &spooled(folder.path(), &bytes).await).await.unwrap();
        let size = size as u64;
        assert_eq!(media.size("abcd", Part::File).await.unwrap(), Some(size));
        assert_eq!(read(&media, "abcd", 0..size).await, bytes);
        if size > 5 {
            assert_eq!(read(&media, "abcd", 3..size - 1).await, bytes[3..bytes.len() - 1]);
        }
    }
    media.put("abcd", Part::Preview, vec![1]).await.unwrap();
    media.delete("abcd").await.unwrap();
    media.delete("abcd").await.unwrap();
    for part in [Part::File, Part::Preview] {
        assert_eq!(media.size("abcd", part).await.unwrap(), None);
    }
}

#[tokio::test]
async fn what_a_crash_left_half_written_goes_with_its_file_or_with_time() {
    let folder = tempfile::tempdir().unwrap();
    let media = MediaStore::open(None, folder.path()).unwrap();
    let write = |name: &str| {
        let path = folder.path().join("media").join(&name[..2]).join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, "half").unwrap();
        path
    };
    let (file, preview, other) = (write("abcd#1"), write("abcd.preview#2"), write("abxx#1"));
    media.delete("abcd").await.unwrap();
    assert!(!file.exists() && !preview.exists() && other.exists());

    let (new, whole, foreign) = (write("cdef#1"), write("cdef"), write("C# notes#1"));
    std::fs::File::options().write(true).open(&foreign).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
    std::fs::File::options().write(true).open(&other).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
    std::fs::File::options().write(true).open(&whole).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
    media.sweep().await.unwrap();
    assert!(!other.exists(), "an hour old and more");
    assert!(new.exists(), "somebody may be writing it");
    assert!(whole.exists());
    assert!(foreign.exists(), "somebody else's");
}

#[tokio::test]
async fn a_spool_takes_no_more_than_its_limit() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = Spool::new(folder.path(), 10).await.unwrap();
    spool.write(b"0123456789").await.unwrap();
    assert!(matches!(spool.write(b"x").await, Err(SpoolError::TooLarge { max_bytes: 10 })));
    assert_eq!((spool.size_bytes(), spool.head()), (10, &b"0123456789"[..]));
}

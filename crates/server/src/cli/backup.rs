//! `linedesk backup` and `linedesk restore`: a desk on SQLite, copied while it runs, and made again somewhere else.
//!
//! INVARIANT: a backup's folder is there whole or not at all, and so is a restored desk: what is made is made beside its
//! place and renamed at the end.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Arg, ArgAction, ArgMatches, Command};
use linedesk_core::clock::{Clock as _, SystemClock};
use linedesk_protocol::Timestamp;
use linedesk_store::backup::{self, Held};
use linedesk_store::{Access, Location, Store, StoreError};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Failure, say};
use crate::config::Config;
use crate::media::{MediaStore, Part};

const DATABASE: &str = "linedesk.db";
const FACTS: &str = "backup.json";
const KEY: &str = "secret.key";
const FILES: &str = "media";

/// What a backup says of itself; written last.
#[derive(Debug, Serialize, Deserialize)]
struct Facts {
    linedesk: String,
    schema: i64,
    created_at: Timestamp,
    database_sha256: String,
    conversations: i64,
    messages: i64,
    /// None: they are in S3, and not here.
    files: Option<u64>,
    has_secret_key: bool,
}

pub(crate) fn commands() -> [Command; 2] {
    let place = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).required(true).value_name("FOLDER").help(help)
    };
    let key = Arg::new("with-secret-key")
        .long("with-secret-key")
        .action(ArgAction::SetTrue)
        .help("Put the key file into it, which opens the channels' secrets");
    [
        Command::new("backup")
            .about("Copy the database and the files; works beside a running server (SQLite)")
            .arg(place("to", "A folder that is made"))
            .arg(key),
        Command::new("restore")
            .about("Make the desk of a backup, in an empty data directory")
            .arg(place("from", "A backup's folder")),
    ]
}

fn folder(matches: &ArgMatches, name: &str) -> PathBuf {
    matches.get_one::<String>(name).map(PathBuf::from).unwrap_or_default()
}

fn data_dir(config: &Config) -> Result<PathBuf, Failure> {
    match &config.location {
        Location::Sqlite { data_dir } => Ok(data_dir.clone()),
        Location::Postgres { .. } => Err(Failure::Usage(
            "this desk is on PostgreSQL: use pg_dump and pg_restore (docs/OPERATIONS.md)".to_owned(),
        )),
    }
}

/// Where the files are, if they are files.
fn media(config: &Config) -> anyhow::Result<MediaStore> {
    MediaStore::open(config.media_url.as_deref(), &config.data_dir)
}

/// `backup --to FOLDER`. Blocking.
pub(crate) fn back_up(matches: &ArgMatches, config: &Config) -> Result<(), Failure> {
    let (to, data_dir) = (folder(matches, "to"), data_dir(config)?);
    if to.exists() {
        return Err(Failure::Usage(format!("{} is there already: name a folder that is to be made", to.display())));
    }
    let facts = make(config, &data_dir, &to, matches.get_flag("with-secret-key"))?;
    let out = &mut io::stdout();
    say(out, &format!("{}: {} conversations, {} messages.", to.display(), facts.conversations, facts.messages));
    match facts.files {
        Some(files) => say(out, &format!("{files} files are with it.")),
        None => say(out, "The files are in S3 and are not in it."),
    }
    if !facts.has_secret_key {
        say(out, "The key that opens the channels' secrets is not in it: keep that somewhere else.");
    }
    Ok(())
}

fn make(config: &Config, data_dir: &Path, to: &Path, with_key: bool) -> anyhow::Result<Facts> {
    let parent = to.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // For its owner only, and gone if this fails.
    let mode = std::fs::Permissions::from_mode(0o700);
    let made = tempfile::Builder::new().prefix(".linedesk-backup-").permissions(mode).tempdir_in(parent);
    let made = made.with_context(|| format!("cannot make a folder in {}", parent.display()))?;
    let database = made.path().join(DATABASE);
    backup::copy(data_dir, &database)?;
    let held = backup::check(&database)?;
    // After the database: files are written before their rows, and never changed.
    let files = copy_files(&media(config)?, &held, &made.path().join(FILES))?;
    let key = config.data_dir.join(KEY);
    let has_secret_key = with_key && key.exists();
    if has_secret_key {
        copy_private(&key, &made.path().join(KEY))?;
    }
    let facts = Facts {
        linedesk: env!("CARGO_PKG_VERSION").to_owned(),
        schema: held.schema,
        created_at: Timestamp(SystemClock.now_ms()),
        database_sha256: sha256(&database)?,
        conversations: held.conversations,
        messages: held.messages,
        files,
        has_secret_key,
    };
    let mut written = private(&made.path().join(FACTS))?;
    written.write_all(&serde_json::to_vec_pretty(&facts)?)?;
    written.sync_all()?;
    sync(made.path())?;
    // Where this fails, the folder goes with it.
    std::fs::rename(made.path(), to).with_context(|| format!("cannot put the backup at {}", to.display()))?;
    let _ = made.keep();
    sync(parent)?;
    Ok(facts)
}

/// Gives how many there are; none where they are no files. What a customer withdrew meanwhile is not there any more.
fn copy_files(media: &MediaStore, held: &Held, to: &Path) -> anyhow::Result<Option<u64>> {
    let Some(folder) = media.folder() else { return Ok(None) };
    let parts = |(id, has_preview): &(String, bool)| {
        let preview = has_preview.then(|| (id.clone(), Part::Preview));
        std::iter::once((id.clone(), Part::File)).chain(preview)
    };
    let mut count = 0;
    for (id, part) in held.files.iter().flat_map(parts) {
        let place = media.place(&id, part);
        match copy_private(&folder.join(&place), &to.join(&place)) {
            Ok(()) => count += u64::from(part == Part::File),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error).with_context(|| format!("cannot copy the file {id}")),
        }
    }
    sync_folders(to)?;
    Ok(Some(count))
}

/// `restore --from FOLDER`.
pub(crate) async fn restore(matches: &ArgMatches, config: &Config) -> Result<(), Failure> {
    let (from, data_dir) = (folder(matches, "from"), data_dir(config)?);
    if data_dir.join(DATABASE).exists() {
        return Err(Failure::Usage(format!(
            "there is a desk in {} already: move it away, or choose another data_dir",
            data_dir.display()
        )));
    }
    let (facts, waited) = put_back(config, &from, &data_dir).await?;
    let out = &mut io::stdout();
    let when = facts.created_at;
    say(out, &format!("The desk of {when}: {} conversations, {} messages.", facts.conversations, facts.messages));
    if waited > 0 {
        say(
            out,
            &format!(
                "{waited} messages waited for LINE then. They may have arrived since: operators decide about each."
            ),
        );
    }
    say(out, "Everybody signs in anew.");
    if config.secret_key.is_none() && !config.data_dir.join(KEY).exists() {
        let key = config.data_dir.join(KEY);
        say(
            out,
            &format!(
                "The channels' secrets need their key: put it at {} before you start, or run `linedesk channel rotate-key --lost`.",
                key.display()
            ),
        );
    }
    Ok(())
}

async fn put_back(config: &Config, from: &Path, data_dir: &Path) -> anyhow::Result<(Facts, u64)> {
    let (place, config, data_dir) = (from.to_owned(), config.clone(), data_dir.to_owned());
    let making = data_dir.join("restoring");
    let begun = tokio::task::spawn_blocking({
        let making = making.clone();
        move || begin(&config, &place, &data_dir, &making)
    });
    let (facts, store) = begun.await??;
    let now = Timestamp(SystemClock.now_ms());
    let waited = store.write::<_, StoreError, _>(move |tx| backup::resume(tx, now)).await?.value;
    let from = from.to_owned();
    let ended = tokio::task::spawn_blocking(move || {
        // The last one to close it puts everything into the one file.
        store.close();
        drop(store);
        end(&from, &making)
    });
    ended.await??;
    Ok((facts, waited))
}

/// Copies everything to where it is not used yet.
fn begin(config: &Config, from: &Path, data_dir: &Path, making: &Path) -> anyhow::Result<(Facts, Store)> {
    let said =
        std::fs::read(from.join(FACTS)).with_context(|| format!("{} is no backup of linedesk", from.display()))?;
    let facts: Facts = serde_json::from_slice(&said).with_context(|| format!("{FACTS} cannot be read"))?;
    let database = from.join(DATABASE);
    anyhow::ensure!(
        sha256(&database)? == facts.database_sha256,
        "the backup is damaged: its database is not as it was"
    );
    let held = backup::check(&database)?;
    std::fs::create_dir_all(data_dir)?;
    // Of a restore that was cut short.
    if making.exists() {
        std::fs::remove_dir_all(making)?;
    }
    backup::put(&database, making)?;
    let media = media(config)?;
    if let Some(folder) = media.folder() {
        for (id, has_preview) in &held.files {
            let parts = [Some(Part::File), has_preview.then_some(Part::Preview)];
            for part in parts.into_iter().flatten() {
                let place = media.place(id, part);
                match copy_private(&from.join(FILES).join(&place), &folder.join(&place)) {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    done => done.with_context(|| format!("cannot copy the file {id}"))?,
                }
            }
        }
        sync_folders(folder)?;
    }
    let key = (from.join(KEY), config.data_dir.join(KEY));
    if key.0.exists() && !key.1.exists() {
        copy_private(&key.0, &key.1)?;
    }
    let store = Store::open(&Location::Sqlite { data_dir: making.to_owned() }, Access::Server)?;
    Ok((facts, store))
}

/// Puts the database in its place.
fn end(from: &Path, making: &Path) -> anyhow::Result<()> {
    let data_dir = making.parent().context("no data directory")?;
    let wal = making.join(format!("{DATABASE}-wal"));
    let is_whole = std::fs::metadata(&wal).map_or(true, |facts| facts.len() == 0);
    anyhow::ensure!(is_whole, "the database of {} could not be finished", from.display());
    let to = data_dir.join(DATABASE);
    anyhow::ensure!(!to.exists(), "somebody made a desk in {} meanwhile", data_dir.display());
    std::fs::rename(making.join(DATABASE), &to)?;
    sync(data_dir)?;
    std::fs::remove_dir_all(making).with_context(|| format!("cannot remove {}", making.display()))
}

fn private(path: &Path) -> io::Result<File> {
    File::options().create_new(true).write(true).mode(0o600).open(path)
}

/// Whole and on disk when it returns.
fn copy_private(from: &Path, to: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    let mut source = File::open(from)?;
    if let Some(folder) = to.parent() {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let mut copy = File::options().create(true).truncate(true).write(true).mode(0o600).open(to)?;
    io::copy(&mut source, &mut copy)?;
    copy.sync_all()
}

/// A folder of files and the folders in it: that the files have names is on disk too.
fn sync_folders(folder: &Path) -> io::Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync(&entry.path())?;
        }
    }
    sync(folder)
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn sha256(path: &Path) -> anyhow::Result<String> {
    let mut file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; 64 * 1024]);
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            return Ok(format!("{:x}", hash.finalize()));
        }
        hash.update(&buffer[..count]);
    }
}

//! What comes from outside, as functions of bytes: whatever they are, nothing panics, and what must hold does. For
//! cargo-fuzz (`fuzz/`, which keeps their corpora), and for a short run in the tests.

use std::sync::LazyLock;

use axum::body::Body;
use http::{Request, header};
use linedesk_line::webhook as line;
use linedesk_protocol::Timestamp;
use linedesk_protocol::frame::ClientFrame;
use linedesk_store::ops::channels::{self, ChannelAccess};
use linedesk_store::ops::{search as searching, webhook as storing};
use linedesk_store::{Access, Location, Store, StoreError};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::config::{Config, Settings};
use crate::http::upload;
use crate::inbound;

const NOW: Timestamp = Timestamp(1_767_582_000_000);
const FILE_BYTES: u64 = 64 * 1024;

/// Takes any bytes.
pub type Target = fn(&[u8]);

/// The names of the targets, as in `fuzz/fuzz_targets`, and what each runs.
pub const TARGETS: [(&str, Target); 4] =
    [("webhook", webhook), ("frame", frame), ("multipart", multipart), ("search", search)];

struct Desk {
    config: Config,
    folder: TempDir,
    runtime: Runtime,
    store: Store,
    channel: channels::ChannelId,
}

static DESK: LazyLock<Desk> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    let settings = Settings::collect([], [], None).expect("the defaults are settings");
    let config = Config::from_settings(&settings).expect("the defaults are a configuration");
    let location = Location::Sqlite { data_dir: folder.path().to_owned() };
    let store = Store::open(&location, Access::Server).expect("a store");
    let made = runtime.block_on(store.write::<_, StoreError, _>(|tx| channels::find_or_create(tx, "fuzz", NOW)));
    let channel = made.expect("a channel").value;
    Desk { config, folder, runtime, store, channel }
});

/// A webhook's body: read, and each event stored with its effects, or kept without them (WH3).
pub fn webhook(body: &[u8]) {
    let Ok(envelope) = line::parse_envelope(body) else { return };
    let desk = &*DESK;
    let events: Vec<_> = envelope.events.iter().map(|raw| inbound::read(&desk.config, raw.get(), NOW)).collect();
    for event in &events {
        let redacted = line::redact_unsent(&event.raw);
        assert!(redacted.is_empty() || line::redact_unsent(&redacted) == redacted, "redacting twice is redacting once");
    }
    let (count, channel) = (events.len() as u64, desk.channel);
    let stored = desk.store.write::<_, StoreError, _>(move |tx| storing::ingest(tx, channel, &events, NOW));
    let stored = desk.runtime.block_on(stored).expect("whatever it holds can be stored").value;
    assert_eq!(u64::from(stored.new) + u64::from(stored.repeated), count, "each is kept once");
}

/// A client's frame: a command, or an error with a code.
pub fn frame(text: &[u8]) {
    let Ok(text) = std::str::from_utf8(text) else { return };
    if let Err(error) = ClientFrame::decode(text) {
        assert!(!error.message.is_empty());
    }
}

/// An upload: the first line is the content type, the rest is the body.
pub fn multipart(bytes: &[u8]) {
    let at = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (kind, body) = (&bytes[..at], bytes.get(at + 1..).unwrap_or_default().to_vec());
    let Ok(request) = Request::builder().header(header::CONTENT_TYPE, kind).body(Body::from(body)) else { return };
    let desk = &*DESK;
    if let Ok(arrived) = desk.runtime.block_on(upload::receive(desk.folder.path(), FILE_BYTES, request)) {
        assert!((1..=FILE_BYTES).contains(&arrived.file.size_bytes()));
        let is_safe = |name: &String| !name.is_empty() && !name.contains(['/', '\\', '\0', '\n']);
        assert!(arrived.file_name.as_ref().is_none_or(is_safe), "{:?}", arrived.file_name);
    }
}

/// A search: it finds or it does not, and what it finds has the text.
pub fn search(text: &[u8]) {
    let Ok(text) = std::str::from_utf8(text) else { return };
    let (desk, wanted) = (&*DESK, text.to_owned());
    let read = desk
        .store
        .read::<_, StoreError, _>(move |tx| searching::search(tx, &wanted, None, &ChannelAccess::All, None, 20));
    let found = desk.runtime.block_on(read).expect("no text is a fault");
    for (message, _) in found.hits {
        let (content, text) = (message.content.to_lowercase(), text.to_lowercase());
        assert!(content.contains(&text) || !text.is_ascii(), "{text:?} is not in {content:?}");
    }
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;
    use std::path::Path;

    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use rand::rngs::StdRng;
    use rand::seq::IndexedRandom as _;
    use rand::{Rng as _, SeedableRng as _};

    use super::*;

    /// Of each target. `LINEDESK_TEST_FUZZ` asks for more, `LINEDESK_TEST_SEED` for others.
    const INPUTS: u64 = 600;
    /// What parsers stumble over.
    const PIECES: [&[u8]; 18] = [
        b"\"",
        b"{",
        b"}",
        b"[]",
        b"null",
        b"-1",
        b"1e400",
        b"\\u0000",
        b"\\ud800",
        b"\r\n",
        b"\r\n\r\n",
        b"--b",
        b"--b--",
        b"\0",
        b"%",
        b"\xff\xfe",
        "\u{202e}".as_bytes(),
        "ก็".as_bytes(),
    ];

    fn number(name: &str, otherwise: u64) -> u64 {
        std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
    }

    fn corpus(target: &str) -> Vec<Vec<u8>> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
        let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files.iter().map(|file| std::fs::read(file).unwrap()).collect()
    }

    /// An input of the corpus with a few things done to it.
    fn mutant(corpus: &[Vec<u8>], rng: &mut StdRng) -> Vec<u8> {
        let mut bytes = corpus.choose(rng).unwrap().clone();
        for _ in 0..rng.random_range(1..=4) {
            let at = rng.random_range(0..=bytes.len());
            let to = rng.random_range(at..=bytes.len().min(at + 40));
            match rng.random_range(0..5) {
                0 => drop(bytes.drain(at..to)),
                1 => {
                    let again = bytes[at..to].to_vec();
                    bytes.splice(at..at, again.repeat(rng.random_range(1..4)));
                }
                2 => drop(bytes.splice(at..at, PIECES.choose(rng).unwrap().iter().copied())),
                3 => {
                    let other = corpus.choose(rng).unwrap();
                    let from = rng.random_range(0..=other.len());
                    bytes.splice(at.., other[from..].iter().copied());
                }
                _ => {
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte ^= 1 << rng.random_range(0..8);
                    }
                }
            }
        }
        bytes
    }

    #[test]
    fn whatever_comes_from_outside_nothing_panics() {
        let seed = number("LINEDESK_TEST_SEED", 1);
        for (name, target) in TARGETS {
            let known = corpus(name);
            assert!(!known.is_empty(), "{name} has a corpus");
            let mut rng = StdRng::seed_from_u64(seed);
            let mutants = std::iter::repeat_with(|| mutant(&known, &mut rng));
            let wanted = usize::try_from(number("LINEDESK_TEST_FUZZ", INPUTS)).unwrap();
            let inputs: Vec<_> = known.iter().cloned().chain(mutants.take(wanted)).collect();
            for input in inputs {
                let base64 = STANDARD.encode(&input);
                assert!(
                    catch_unwind(|| target(&input)).is_ok(),
                    "{name}, seed {seed}: keep this in fuzz/corpus/{name} (base64): {base64}"
                );
            }
        }
    }
}

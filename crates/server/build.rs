//! Embeds the console: what `npm run build` left in `console/dist`, if anything, as a table in `OUT_DIR/console.rs`.
//!
//! The build of the console writes `x.br` and `x.gz` beside each file `x` that they make smaller; here they become the
//! encodings of `x`. Without `console/dist` the table is empty, so that a build needs no Node.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let dist = Path::new("../../console/dist");
    println!("cargo::rerun-if-changed=build.rs");
    // There is always such a folder, with at least its `.gitkeep`: one that is missing would have this run every time.
    println!("cargo::rerun-if-changed={}", dist.display());
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    // Copied, so that a build of the console meanwhile cannot pull a file from under the compiler.
    let copy = out.join("console");
    if copy.exists() {
        fs::remove_dir_all(&copy)?;
    }
    let mut files = BTreeSet::new();
    if dist.join("index.html").exists() {
        copy_files(dist, &copy, "", &mut files)?;
    }
    fs::write(out.join("console.rs"), tables(&files))
}

fn copy_files(from: &Path, to: &Path, path: &str, files: &mut BTreeSet<String>) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name().into_string().map_err(|_| io::ErrorKind::InvalidFilename)?;
        let path = format!("{path}/{name}");
        if entry.file_type()?.is_dir() {
            copy_files(&entry.path(), &to.join(name), &path, files)?;
        } else if !name.starts_with('.') {
            fs::copy(entry.path(), to.join(name))?;
            files.insert(path);
        }
    }
    Ok(())
}

/// What is under `/assets/`, where a name has a hash of the content in it, and the others.
fn tables(files: &BTreeSet<String>) -> String {
    let (hashed, others) = files.iter().map(String::as_str).partition(|path| path.starts_with("/assets/"));
    format!("Console {{ hashed: {}, others: {} }}\n", table(&hashed), table(&others))
}

/// An array of `File`, in the order of their paths.
fn table(files: &BTreeSet<&str>) -> String {
    let bytes = |path: &str| format!("include_bytes!(concat!(env!(\"OUT_DIR\"), \"/console\", {path:?}))");
    let mut table = "&[\n".to_owned();
    let is_encoding = |path: &str| {
        [".br", ".gz"].iter().any(|ending| path.strip_suffix(ending).is_some_and(|plain| files.contains(plain)))
    };
    for path in files.iter().filter(|path| !is_encoding(path)) {
        let encoded = |ending: &str| {
            let path = format!("{path}{ending}");
            if files.contains(path.as_str()) { format!("Some({})", bytes(&path)) } else { "None".to_owned() }
        };
        let (plain, brotli, gzip) = (bytes(path), encoded(".br"), encoded(".gz"));
        let _ = writeln!(table, "    File {{ path: {path:?}, plain: {plain}, brotli: {brotli}, gzip: {gzip} }},");
    }
    table + "]"
}

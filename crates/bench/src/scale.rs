//! A desk of any size on paper: which part is full first, and what customers' words wait for. See docs/SCALE.md.

mod model;
mod queue;

use serde::Serialize;

use self::model::{Design, Part, Size};

/// Travellers through each part.
const COUNT: u64 = 200_000;
const SEED: u64 = 1;

/// Channels, operators, nodes.
const SIZES: [(f64, f64, f64); 6] = [
    (10.0, 500.0, 2.0),
    (20.0, 2_000.0, 2.0),
    (50.0, 5_000.0, 4.0),
    (1_000.0, 100_000.0, 12.0),
    (1_000.0, 100_000.0, 40.0),
    (1_000.0, 100_000.0, 80.0),
];

#[derive(Serialize)]
struct Row {
    channels: f64,
    operators: f64,
    nodes: f64,
    design: &'static str,
    parts: Vec<Part>,
}

/// Works out every size in every design, and prints it.
#[expect(clippy::print_stdout, reason = "the table is what the command is for")]
pub(crate) fn run(scale: u64, json: bool) -> anyhow::Result<()> {
    let count = usize::try_from(COUNT / scale)?;
    let rows = SIZES.iter().flat_map(|&(channels, operators, nodes)| {
        Design::ALL.map(|design| {
            let size = Size { channels, operators, nodes };
            Row { channels, operators, nodes, design: design.name(), parts: model::parts(size, design, count, SEED) }
        })
    });
    let rows: Vec<_> = rows.collect();
    if json {
        println!("{}", serde_json::to_string_pretty(&rows)?);
        return Ok(());
    }
    let names = rows.first().map(|row| row.parts.iter().map(|part| part.name).collect::<Vec<_>>()).unwrap_or_default();
    println!("| channels / operators / nodes | design | {} |", names.join(" | "));
    println!("|---|---|{}", "---|".repeat(names.len()));
    for Row { channels, operators, nodes, design, parts } in &rows {
        let cells: Vec<_> = parts.iter().map(cell).collect();
        println!("| {channels} / {operators} / {nodes} | {design} | {} |", cells.join(" | "));
    }
    Ok(())
}

/// How full it is, and the wait of 99 of 100.
fn cell(part: &Part) -> String {
    let load = format!("{:.0} %", part.utilisation.unwrap_or(part.load) * 100.0);
    match part.p99_ms {
        Some(wait) if part.name.contains('→') => format!("{wait:.1} ms"),
        Some(wait) => format!("{load}, {wait:.1} ms"),
        None if part.name.contains('→') => "**never**".to_owned(),
        None if part.load >= 1.0 => format!("**{load}**"),
        None => load,
    }
}

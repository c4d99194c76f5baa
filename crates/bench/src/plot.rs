//! What a call costs by the size of the desk, drawn with letters: a flat line of bars is what one wants to see.

use std::fmt::Write as _;

use crate::report::Report;

/// Of the longest bar.
const WIDTH: f64 = 40.0;

/// Each line that was measured at several sizes.
pub(crate) fn plot(report: &Report) -> Result<String, std::fmt::Error> {
    let mut drawn = String::new();
    for line in report.lines.iter().filter(|line| !line.by_size.is_empty()) {
        let most = line.by_size.iter().map(|(_, value)| *value).fold(0.0, f64::max);
        writeln!(drawn, "{} ({})", line.key, line.figure.unit)?;
        for (messages, value) in &line.by_size {
            writeln!(drawn, "{messages:>10} {value:>8.2} {}", bar(*value, most))?;
        }
        drawn.push('\n');
    }
    Ok(drawn)
}

fn bar(value: f64, most: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "letters")]
    let length = (value / most * WIDTH).round() as usize;
    "█".repeat(length.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Figure, Line};

    #[test]
    fn the_largest_value_has_the_longest_bar() {
        let by_size = vec![(10_000, 0.5), (100_000, 1.0)];
        let line = Line { key: "open".to_owned(), figure: Figure::less(1.0, "ms", None), by_size, ..Line::default() };
        let drawn = plot(&Report { lines: vec![Line::default(), line], ..Report::new(1) }).unwrap();
        let expected =
            format!("open (ms)\n     10000     0.50 {}\n    100000     1.00 {}\n\n", "█".repeat(20), "█".repeat(40));
        assert_eq!(drawn, expected);
    }
}

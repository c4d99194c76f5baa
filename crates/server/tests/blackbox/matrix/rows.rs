//! Reads the tables, so that they can be written as tables.

use super::cast::{Caller, Place};
use super::table::WORDS;

/// A line of a table: what is asked, what `ok` stands for, and who is answered what about which conversation.
pub(super) struct Row {
    /// Method and path, or the command's type.
    pub(super) name: String,
    /// Where there are two rows of one name.
    pub(super) variant: String,
    /// A status, or the type of the answering frame.
    success: String,
    /// Whether `ok` leaves the conversation other than it was.
    pub(super) changes: bool,
    pub(super) cells: Vec<Cell>,
}

pub(super) struct Cell {
    pub(super) caller: Caller,
    pub(super) place: Place,
    word: String,
}

impl Row {
    pub(super) fn is_ok(cell: &Cell) -> bool {
        cell.word == "ok"
    }

    /// As REST tells it: `200`, `403 forbidden`.
    pub(super) fn answer(&self, cell: &Cell) -> String {
        if Self::is_ok(cell) { self.success.clone() } else { meaning(&cell.word).to_owned() }
    }

    /// As the socket tells it: a frame's type, or the code.
    pub(super) fn frame(&self, cell: &Cell) -> String {
        let answer = self.answer(cell);
        match answer.split_once(' ') {
            Some((_, code)) => code.to_owned(),
            None => answer,
        }
    }
}

fn meaning(word: &str) -> &'static str {
    WORDS.iter().find(|(short, _)| *short == word).unwrap_or_else(|| panic!("what is `{word}`?")).1
}

/// Lines of a table as groups of words; `is_row` knows a line by its first word, others are for people.
fn lines(table: &str, is_row: impl Fn(&str) -> bool) -> impl Iterator<Item = Vec<Vec<&str>>> {
    let lines = table.lines().filter(move |line| line.split_whitespace().next().is_some_and(&is_row));
    lines.map(|line| line.split('|').map(|group| group.split_whitespace().collect()).collect())
}

fn is_method(word: &str) -> bool {
    ["GET", "POST"].contains(&word)
}

fn row(name: String, variant: &str, success: &str, cells: Vec<Cell>) -> Row {
    let changes = success.ends_with('*');
    Row { name, variant: variant.to_owned(), success: success.trim_end_matches('*').to_owned(), changes, cells }
}

fn cell(caller: Caller, place: Place, word: &str) -> Cell {
    Cell { caller, place, word: word.to_owned() }
}

/// `POST …/mode BOT 200*` and its cells.
fn rest_row(groups: &[Vec<&str>], cells: Vec<Cell>) -> Row {
    let (name, variant, success) = match groups[0][..] {
        [method, path, success] => (format!("{method} {path}"), "", success),
        [method, path, variant, success] => (format!("{method} {path}"), variant, success),
        _ => panic!("{groups:?}"),
    };
    row(name, variant, success, cells)
}

pub(super) fn desk(table: &str) -> Vec<Row> {
    use Caller::{Admin, Agent, Nobody, Off, Old, Page, Shop, SuperAdmin};
    let read = |groups: Vec<Vec<&str>>| {
        let words = [&groups[1][..], &groups[2][..]].concat();
        let [nobody, old, off, page, agent, admin, shop] = words[..] else { panic!("{groups:?}") };
        let answers = [
            (Nobody, nobody),
            (Old, old),
            (Off, off),
            (Page, page),
            (Agent, agent),
            (Admin, admin),
            (SuperAdmin, admin),
            (Shop, shop),
        ];
        rest_row(&groups, answers.map(|(caller, word)| cell(caller, Place::Nowhere, word)).into())
    };
    lines(table, is_method).map(read).collect()
}

const STAFF: [(usize, Caller); 3] = [(1, Caller::Agent), (2, Caller::Admin), (2, Caller::SuperAdmin)];

pub(super) fn conversation(table: &str) -> Vec<Row> {
    use Caller::{Nobody, Off, Old, Page, Shop};
    const PLACES: [Place; 5] = [Place::Own, Place::Others, Place::Waiting, Place::NoneOpen, Place::Missing];
    let read = |groups: Vec<Vec<&str>>| {
        let mut cells = Vec::new();
        for (group, caller) in STAFF {
            assert_eq!(groups[group].len(), PLACES.len(), "{groups:?}");
            cells.extend(PLACES.iter().zip(&groups[group]).map(|(place, word)| cell(caller, *place, word)));
        }
        assert_eq!(groups[3].len(), 5, "{groups:?}");
        for (caller, word) in [Nobody, Old, Off, Page, Shop].into_iter().zip(&groups[3]) {
            // `M/C`: the latter where there is no conversation.
            let (word, missing) = word.split_once('/').unwrap_or((word, word));
            cells.extend(PLACES[1..4].iter().map(|place| cell(caller, *place, word)));
            cells.push(cell(caller, Place::Missing, missing));
        }
        rest_row(&groups, cells)
    };
    lines(table, is_method).map(read).collect()
}

pub(super) fn socket(table: &str) -> Vec<Row> {
    use Place::{Missing, NoneOpen, Nowhere, Others, Own, Waiting};
    const PLACES: [Place; 6] = [Own, Others, Waiting, NoneOpen, Missing, Nowhere];
    let read = |groups: Vec<Vec<&str>>| {
        let [name, success] = groups[0][..] else { panic!("{groups:?}") };
        let mut cells = Vec::new();
        let is_about_none = groups[1].len() == 1;
        for (group, caller) in STAFF {
            let places = if is_about_none { &[Nowhere][..] } else { &PLACES };
            assert_eq!(groups[group].len(), places.len(), "{groups:?}");
            cells.extend(places.iter().zip(&groups[group]).map(|(place, word)| cell(caller, *place, word)));
        }
        let [shop] = groups[3][..] else { panic!("{groups:?}") };
        let places = if is_about_none { &[Nowhere][..] } else { &[Others, Waiting, NoneOpen, Missing] };
        cells.extend(places.iter().map(|place| cell(Caller::Shop, *place, shop)));
        row(name.to_owned(), "", success, cells)
    };
    lines(table, |word| !["AGENT", "own"].contains(&word)).map(read).collect()
}

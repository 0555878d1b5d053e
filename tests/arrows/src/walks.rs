//! Follows the walks of ARCHITECTURE.md with the finger: what a step names has to be there.
//!
//! A walk is a list with numbers, below a heading `### …` in the chapter `## Walks`. Each step begins with
//! `` `path::name` ``. The file has to define that name, and the step has to be reached from one before it: the
//! body of an earlier step names this one (it calls it), or this one's body names an earlier step (it takes what
//! that one makes). What else is written like that in a walk has to be there, too. Files are read as the formatters leave them: a body ends with the first line that closes
//! it and is indented like its beginning.

use std::fs;
use std::path::Path;

const CHAPTER: &str = "## Walks\n";

/// A place on a walk.
struct Step {
    /// As it stands in the page.
    place: String,
    name: String,
    /// Of each definition of that name.
    bodies: Vec<String>,
}

/// What is wrong with the walks of a page. A page without such a chapter has none.
#[must_use]
pub fn lost(page: &str, root: &Path) -> Vec<String> {
    let mut faults = Vec::new();
    let Some((_, walks)) = page.split_once(CHAPTER) else {
        return faults;
    };
    let walks = walks.split("\n## ").next().unwrap_or(walks);
    for walk in walks.split("### ").skip(1) {
        let heading = walk.lines().next().unwrap_or_default();
        let mut steps: Vec<Step> = Vec::new();
        for line in walk.lines() {
            for (nth, place) in places(line).enumerate() {
                let step = match step(place, root) {
                    Ok(step) => step,
                    Err(why) => {
                        faults.push(format!("{heading}: {place} {why}"));
                        continue;
                    }
                };
                if nth > 0 || !begins(line) {
                    continue;
                }
                if !steps.is_empty() && !steps.iter().any(|earlier| reaches(earlier, &step)) {
                    faults.push(format!("{heading}: nothing leads to {place}"));
                }
                steps.push(step);
            }
        }
        if steps.is_empty() {
            faults.push(format!("{heading}: a walk without steps"));
        }
    }
    faults
}

/// Whether a line begins a step.
fn begins(line: &str) -> bool {
    let number = line.split_once(". `").map(|(number, _)| number);
    number.is_some_and(|number| number.parse::<u32>().is_ok())
}

/// All that is written as `path::name`.
fn places(line: &str) -> impl Iterator<Item = &str> {
    let quoted = line.split('`').skip(1).step_by(2);
    quoted.filter(|words| words.contains('/') && words.contains("::"))
}

fn step(place: &str, root: &Path) -> Result<Step, String> {
    let (path, name) = place.split_once("::").ok_or("names nothing in it")?;
    let text = fs::read_to_string(root.join(path)).map_err(|_| "is in no such file")?;
    let bodies = bodies(&text, name);
    if bodies.is_empty() {
        return Err("is not there".into());
    }
    Ok(Step {
        place: place.into(),
        name: name.into(),
        bodies,
    })
}

fn reaches(from: &Step, to: &Step) -> bool {
    let names = |step: &Step, name: &str| step.bodies.iter().any(|body| is_named(body, name));
    from.place != to.place && (names(from, &to.name) || names(to, &from.name))
}

/// What each definition of a name consists of, without its own first line up to the name.
fn bodies(text: &str, name: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut bodies = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(rest) = defined(line, name) else {
            continue;
        };
        let mut body = vec![rest];
        let whole = rest.ends_with(';') || rest.ends_with('}') || rest.ends_with(',');
        for next in lines[at + 1..].iter().take_while(|_| !whole) {
            body.push(next);
            if indent(next) == indent(line) && closes(next.trim()) {
                break;
            }
        }
        bodies.push(body.join("\n"));
    }
    bodies
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn closes(line: &str) -> bool {
    matches!(line, "}" | "};" | "}," | "})" | "});")
}

/// What follows a name in a line that defines it.
fn defined<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let words = [
        "pub",
        "pub(crate)",
        "pub(super)",
        "async",
        "unsafe",
        "export",
        "default",
        "private",
        "protected",
        "override",
    ];
    let definers = [
        "fn",
        "struct",
        "enum",
        "trait",
        "const",
        "static",
        "type",
        "function",
        "class",
        "interface",
        "let",
        "get",
        "readonly",
    ];
    let mut rest = line.trim();
    let mut definer = false;
    while let Some((word, after)) = rest.split_once(' ') {
        definer |= definers.contains(&word);
        if !words.contains(&word) && !definers.contains(&word) {
            break;
        }
        rest = after;
    }
    let after = rest.strip_prefix(name)?;
    let boundary = !after.starts_with(is_part);
    // A method or a property of an object has no word before it.
    let method = after.starts_with(['(', '<']) && (after.ends_with('{') || after.ends_with('('));
    let property = after.starts_with(": ") && after.contains("=>");
    (boundary && (definer || method || property)).then_some(after)
}

/// Whether code has a name as a word of its own.
fn is_named(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = code[at + name.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

fn is_part(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '#'
}

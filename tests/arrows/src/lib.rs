//! Draws the arrows between the project's crates and between their modules, from the code itself, and finds
//! what does not point one way. `./x arrows` prints them.
//!
//! Depends on nothing of the project, and knows none of its crates by name: they come from `cargo metadata`,
//! packages of npm from their `package.json`.
//!
//! # What an arrow is
//! From a module to the one that *defines* what it names. In Rust a name is followed through `use`, `pub use`
//! and globs, wherever it stands: in an import, in the middle of code (`crate::a::b()`), among the tokens of a
//! macro, in an attribute (`#[serde(with = "crate::a")]`). A re-export is an arrow as well, and who takes
//! something by the name of a module that only hands it on has an arrow to both. In TypeScript the module is the
//! file, and every import is an arrow: of values, of types, dynamic ones, `export … from`, types that are
//! imported where they stand, and all of these in the scripts and the markup of a component. What has no name in
//! the text (the method of a value that somebody else made) is no arrow.
//!
//! A crate's arrows are its dependencies in the workspace. One that no code names is told apart.
//!
//! # How parents and children count
//! - `mod child;` is no arrow. Nor is a parent that takes from its child or hands its items on.
//! - A child that takes its parent's own items is none either: Rust lets a module be one subject in several
//!   files, in which the children see what the parent keeps private. What a child takes of *another* child
//!   by a name that the parent hands on is an arrow between the two children.
//! - So circles are looked for among *brothers and sisters*, on every level: a module stands there for all that
//!   is below it. Two that take from each other are a circle, also if no two files in them do.
//! - The root of a crate is no subject, but what the outside sees. Its own items count as one more child: a root
//!   whose items are taken by its modules, while it takes theirs, is a circle.
//! - In TypeScript folders are the parents; they have no code of their own, so that the above says nothing
//!   about them but that they stand for their files.
//! - What is compiled for tests only (`#[cfg(test)]`) is counted apart: a test may look at everything. Modules of
//!   tests may not go in circles among themselves, though. Integration tests, examples and programs are read as
//!   crates of their own. Tests of scripts are files like all others.

#![forbid(unsafe_code)]

mod check;
mod graph;
mod picture;
mod project;
mod rust;
mod script;
mod walks;

pub use check::faults;
pub use graph::{Arrow, House, Module};
pub use picture::{printed, written};
pub use project::{Dependency, Kind, Package, Project};
pub use walks::lost;

//! What was found, put on paper: text for people, JSON for programs. A view: it decides nothing and reads nothing.

pub mod card;
pub mod explain;
pub mod findings;
pub mod json;
pub mod label;
pub mod notes;
pub mod operation;
pub mod page;
pub mod plan;
pub mod rules;
pub mod scene;
pub mod state;
pub mod text;
pub mod tree;
pub mod why;

pub use label::Label;
pub use scene::Scene;
pub use state::State;
pub use text::{Appearance, Line, Paper};

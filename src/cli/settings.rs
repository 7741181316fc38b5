//! What the configuration says of the screen, made into what the screen takes: its theme and its keys. What is wrong there
//! joins the problems of the file.

use std::path::Path;

use crate::config::problem::{Problem, unknown};
use crate::config::{self, Loaded};
use crate::scan::Environment;
use crate::tui::theme_file;
use crate::tui::{Keymap, ThemeChoice};

/// The theme that the configuration names, or else the one that fits the terminal.
pub fn theme(loaded: &mut Loaded, environment: &Environment) -> ThemeChoice {
    let name = loaded.config.theme.clone();
    if let Some(choice) = ThemeChoice::named(&name) {
        return choice;
    }
    let path = config::theme_path(environment, &name);
    let message = match path.as_deref().map(|path| (path, config::read(path))) {
        Some((path, Ok(text))) => {
            let (theme, problems) = theme_file::parse(path, &text);
            loaded.problems.extend(problems);
            return ThemeChoice::Own(theme);
        }
        Some((path, Err(error))) if error.kind() == std::io::ErrorKind::NotFound => {
            let path = crate::base::text::display_name(path);
            format!("{}; there is no {path} either", unknown("theme", &name, &ThemeChoice::NAMED.map(|(name, _)| name)))
        }
        Some((path, Err(error))) => {
            format!("theme {name}: {}: {}", crate::base::text::display_name(path), config::reason(&error))
        }
        None => unknown("theme", &name, &ThemeChoice::NAMED.map(|(name, _)| name)),
    };
    let path = loaded.path.clone().unwrap_or_default();
    loaded.problems.push(Problem { path, line: loaded.theme_line, message });
    ThemeChoice::Auto
}

/// The keys that the configuration gives.
pub fn keymap(loaded: &mut Loaded) -> Keymap {
    let path = loaded.path.clone().unwrap_or_default();
    let (keymap, problems) = Keymap::configured(&loaded.config.keys, Path::new(&path));
    loaded.problems.extend(problems);
    keymap
}

//! Where things stand on a screen of a given size.

use ratatui::layout::Rect;

/// The narrowest screen that shows two panes.
const TWO_PANES: u16 = 80;
/// The smallest screen that shows anything.
const SMALLEST: (u16, u16) = (20, 6);
/// The lowest screen with column headings above the tree.
const HEADINGS: u16 = 9;

/// The fewest columns of a tree or a pane that somebody makes as narrow as can be.
const NARROWEST: u16 = 24;

/// How somebody divided the screen between tree and pane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// The columns of the tree; as many as suit the screen where nobody chose.
    pub tree: Option<u16>,
    /// The tree has all of the screen, and so has the pane while somebody is in it.
    pub is_closed: bool,
}

/// The areas of a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The top line.
    pub title: Rect,
    /// The names of the tree's columns; empty where there is no room.
    pub headings: Rect,
    /// The tree; empty where the pane alone is shown.
    pub tree: Rect,
    /// The line between tree and pane; empty where one of them alone is shown.
    pub rule: Rect,
    /// The tabs; empty where the tree alone is shown.
    pub tabs: Rect,
    /// The pane below the tabs; empty where the tree alone is shown.
    pub pane: Rect,
    /// The bottom line.
    pub bottom: Rect,
}

impl Layout {
    /// The areas of a screen; `None` where it is too small for any. `pane` tells which part is shown where there is room for
    /// one only.
    pub fn new((columns, rows): (u16, u16), pane: bool, split: Split) -> Option<Self> {
        if columns < SMALLEST.0 || rows < SMALLEST.1 {
            return None;
        }
        let (left, rule) = match columns {
            TWO_PANES.. if !split.is_closed => (split.columns(columns), 1),
            _ if pane => (0, 0),
            _ => (columns, 0),
        };
        let right = columns - left - rule;
        let body = rows - 2;
        let heading = u16::from(rows >= HEADINGS && left > 0);
        // A blank column keeps text off the edge and the rule.
        let margin = u16::from(right > 30);
        let inner = right.saturating_sub(2 * margin);
        let tabs = u16::from(right > 0);
        let gap = u16::from(right > 0 && rows >= 14);
        let empty = Rect::default();
        Some(Self {
            title: Rect::new(0, 0, columns, 1),
            headings: Rect::new(0, 1, left, heading),
            tree: if left > 0 { Rect::new(0, 1 + heading, left, body - heading) } else { empty },
            rule: Rect::new(left, 1, rule, body),
            tabs: if right > 0 { Rect::new(left + rule, 1, right, tabs) } else { empty },
            pane: if right > 0 {
                Rect::new(left + rule + margin, 1 + tabs + gap, inner, body - tabs - gap)
            } else {
                empty
            },
            bottom: Rect::new(0, rows - 1, columns, 1),
        })
    }
}

impl Split {
    /// Columns of the tree beside a pane.
    fn columns(self, columns: u16) -> u16 {
        self.tree.map_or_else(|| tree_columns(columns), |tree| tree.clamp(NARROWEST, columns - NARROWEST - 1))
    }
}

/// Columns of the tree beside a pane, where nobody chose.
fn tree_columns(columns: u16) -> u16 {
    match columns {
        ..100 => columns / 2,
        100..160 => columns * 11 / 20,
        _ => 90 + (columns - 160) / 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_fill_every_screen_and_never_leave_it() {
        for columns in 0..220 {
            for rows in 0..60 {
                let splits = [None, Some(0), Some(77), Some(u16::MAX)].map(|tree| Split { tree, is_closed: false });
                let splits = splits.into_iter().chain([Split { tree: Some(9), is_closed: true }]);
                for (pane, split) in splits.flat_map(|split| [(false, split), (true, split)]) {
                    let Some(layout) = Layout::new((columns, rows), pane, split) else {
                        assert!(columns < 20 || rows < 6);
                        continue;
                    };
                    let screen = Rect::new(0, 0, columns, rows);
                    let Layout { title, headings, tree, rule, tabs, pane, bottom } = layout;
                    for area in [title, headings, tree, rule, tabs, pane, bottom] {
                        assert!(area.is_empty() || screen.union(area) == screen, "{columns}x{rows}: {area:?}");
                    }
                    assert_eq!(tree.width + rule.width + tabs.width, columns);
                    assert!(tree.height > 1 || pane.height > 1);
                }
            }
        }
    }
}

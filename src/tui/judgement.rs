//! Whose judgement decides how bad findings are: the engines of the command line, Docker's two loaders, or any one engine.

use crate::engine::{Engine, Judge};

/// The choices, one of which is in force.
#[derive(Clone, Debug)]
pub struct Judgement {
    choices: Vec<Vec<Judge>>,
    current: usize,
}

impl Judgement {
    /// Begins with these engines.
    pub fn new(given: &[Judge]) -> Self {
        let mut choices = vec![Engine::JUDGES.map(Judge::newest).to_vec()];
        choices.extend(Engine::ALL.map(|engine| vec![Judge::newest(engine)]));
        let current = choices.iter().position(|choice| choice == given);
        if current.is_none() {
            choices.insert(0, given.to_vec());
        }
        Self { choices, current: current.unwrap_or_default() }
    }

    /// The engines that judge.
    pub fn judges(&self) -> &[Judge] {
        self.choices.get(self.current).map(Vec::as_slice).unwrap_or_default()
    }

    /// Goes on to the next choice.
    pub fn advance(&mut self) {
        self.current = (self.current + 1) % self.choices.len().max(1);
    }

    /// Tells whether the engines judge that do so unless others are chosen.
    pub fn is_default(&self) -> bool {
        self.judges() == Engine::JUDGES.map(Judge::newest)
    }

    /// The names of the engines that judge.
    pub fn names(&self) -> String {
        self.judges().iter().map(Judge::to_string).collect::<Vec<_>>().join(", ")
    }
}

impl Default for Judgement {
    fn default() -> Self {
        Self::new(&Engine::JUDGES.map(Judge::newest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_engine_judges_once_a_round() {
        let mut judgement = Judgement::default();
        let mut seen = Vec::new();
        for _ in 0..=Engine::ALL.len() {
            seen.push(judgement.names());
            judgement.advance();
        }
        assert_eq!(
            seen,
            [
                "docker-classic, docker-c8d",
                "docker-classic",
                "docker-c8d",
                "containerd",
                "buildkit",
                "containers-image"
            ]
        );
        assert!(judgement.is_default());
    }

    #[test]
    fn engines_of_the_command_line_come_first_and_come_again() {
        let given = Judge::parse("docker@20.10").unwrap();
        let mut judgement = Judgement::new(&given);
        assert_eq!(judgement.names(), "docker-classic@20.10");
        judgement.advance();
        assert!(judgement.is_default());
        (0..6).for_each(|_| judgement.advance());
        assert_eq!(judgement.judges(), given);
        let podman = Judge::parse("podman").unwrap();
        let mut judgement = Judgement::new(&podman);
        judgement.advance();
        assert!(judgement.is_default(), "an engine alone is among the others");
    }
}

//! What is worth knowing of all that engines do for a registry: where they disagree, and where their documentation says what
//! their code does not do.
//!
//! Source: moby 29.7 `daemon/hosts.go` (`mergeLegacyConfig`); containerd 2.2 `internal/cri/server/images/image_pull.go`;
//! nerdctl 2 `pkg/imgutil/dockerconfigresolver`; docker/docs `certificates.md`.

use crate::base::text::display_name;
use crate::engine::explanation::{Contact, Explanation};
use crate::engine::installed::Installed;
use crate::engine::{Engine, Roots, Version};

/// The notes, each a sentence or a few.
pub fn notes(explanations: &[Explanation], installed: &Installed) -> Vec<String> {
    let about_one = explanations.iter().flat_map(|explanation| match explanation.judge.engine {
        Engine::DockerC8d => [insecure_note(explanation), token_note(explanation)],
        Engine::Containerd => [transfer_note(explanation, installed), nerdctl_note(explanation)],
        Engine::DockerClassic | Engine::Buildkit | Engine::ContainersImage => [None, None],
    });
    let about_all = [disagreement(explanations), choice_note(explanations)];
    let all = about_all.into_iter().chain(about_one).chain([system_roots_note(explanations, installed)]);
    all.flatten().collect()
}

fn contacts(explanations: &[Explanation]) -> impl Iterator<Item = Contact<'_>> {
    explanations.iter().flat_map(Explanation::contacts)
}

/// Docker logs in by one set of rules and pulls by another.
fn disagreement(explanations: &[Explanation]) -> Option<String> {
    let of = |engine: Engine| explanations.iter().find(|explanation| explanation.judge.engine == engine);
    let (login, pull) = (of(Engine::DockerClassic)?, of(Engine::DockerC8d)?);
    let (works, fails) = match (login.outcome() == "ok", pull.outcome() == "ok") {
        (true, false) => ("login", "pull"),
        (false, true) => ("pull", "login"),
        _ => return None,
    };
    Some(format!(
        "Docker judges this directory by two sets of rules: docker {works} accepts it, docker {fails} does not"
    ))
}

/// Go sends one client certificate, once.
fn choice_note(explanations: &[Explanation]) -> Option<String> {
    contacts(explanations).any(|contact| contact.material.pairs.len() > 1).then(|| {
        "of several client certificates the first that fits what the server asks for is sent, once: whatever the \
         documentation says, no engine tries the next one after an error (Docker 1.2 to 1.3 did)"
            .to_owned()
    })
}

/// An insecure registry has its directory read all the same, and an insecure mirror makes the others insecure.
fn insecure_note(pull: &Explanation) -> Option<String> {
    let mut unchecked = pull.contacts().into_iter().filter(|contact| !contact.verify);
    let first = unchecked.next()?;
    if pull.attempts.iter().any(|attempt| attempt.endpoint.is_mirror) {
        return Some(
            "one of Docker Hub's mirrors is insecure: Docker 28 and later, which uses one transport for all of them, then \
             verifies neither the other mirrors nor Docker Hub itself"
                .to_owned(),
        );
    }
    first.attempt.directory.as_ref().map(|directory| {
        format!(
            "docker pull does not verify this registry, but reads {} all the same, sends client certificates and stops at \
             broken files; Docker Desktop's documentation says that certificates of insecure registries are ignored",
            display_name(directory)
        )
    })
}

/// For some time tokens were asked for without the directory.
fn token_note(pull: &Explanation) -> Option<String> {
    let is_old =
        pull.judge.is_before(Version(29, 5)) && pull.attempts.iter().any(|attempt| attempt.directory.is_some());
    is_old.then(|| {
        "before 29.5 docker pull asks for a token with the system's roots alone where it has credentials: the registry's \
         directory is not used for that"
            .to_owned()
    })
}

/// From containerd 2.1 on Kubernetes pulls without splitting the list of roots.
fn transfer_note(explanation: &Explanation, installed: &Installed) -> Option<String> {
    let is_split = !explanation.judge.is_before(Version(2, 1)) && installed.rootless_containerd.is_none();
    let is_list = installed.containerd_roots.is_empty() || installed.containerd_roots.len() > 1;
    let reads = explanation.attempts.iter().any(|attempt| attempt.directory.is_some() && attempt.candidates.len() > 3);
    (is_split && is_list && reads).then(|| {
        "containerd from 2.1 on pulls for Kubernetes through its transfer service, which takes the colon-separated list in \
         config_path for the name of one directory and reads nothing, without a word; what is shown here holds for local \
         pulls (use_local_image_pull) and for nerdctl"
            .to_owned()
    })
}

/// nerdctl alone knows that 443 is the default port.
fn nerdctl_note(explanation: &Explanation) -> Option<String> {
    let names = explanation.attempts.iter().flat_map(|attempt| &attempt.endpoint.directory_names);
    let host = names.filter_map(|name| name.strip_suffix(":443")).next()?;
    Some(format!("nerdctl from 2.0.3 on looks for {host} as well, where there is no directory for {host}:443"))
}

/// Where the system's roots come from, which no engine leaves out.
fn system_roots_note(explanations: &[Explanation], installed: &Installed) -> Option<String> {
    let has_anchors = contacts(explanations).any(|contact| contact.material.roots == Roots::SystemAndDirectory);
    let places: Vec<String> = installed.system_roots.iter().map(display_name).collect();
    let from = if places.is_empty() { "nowhere: this host has none".to_owned() } else { places.join(" and ") };
    has_anchors.then(|| {
        format!(
            "the CAs of a directory are added to the system's roots and never take their place. Those come from {from}, \
             and an engine reads them once, when it starts. Docker's documentation says that on Windows custom roots \
             replace the system's; that has not been so since 20.10.18"
        )
    })
}

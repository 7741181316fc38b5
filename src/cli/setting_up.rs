//! What the subcommands share that set something up: the place, the key in the making, the plan shown and carried out.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use crate::base::cancel::Cancel;
use crate::base::errno::Errno;
use crate::base::text::{display_name, shell_word};
use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::error::{Exit, Failure};
use crate::cli::mending::{self, Passphrases, Stop};
use crate::cli::new::EngineName;
use crate::cli::{fix, output};
use crate::create::{Generation, KeyAlgorithm, KeyError, NewKey, Site};
use crate::engine::installed::Installed;
use crate::finding::{Finding, Severity};
use crate::fix::{ApplyError, DiskError, JournalError, Planned, apply, plan_file};
use crate::model::Inventory;
use crate::model::waiting::request_name;
use crate::report;
use crate::report::plan::Detail;
use crate::scan;
use crate::session::setting_up::{self, Whose};

/// Where something is set up.
#[derive(Args, Debug)]
pub struct Place {
    /// Whose certs.d it is set up in [default: Docker's, or the one that is here]
    #[arg(long = "for", value_name = "ENGINE", value_enum)]
    whose: Option<EngineName>,
    /// Set it up in DIR, a certs.d
    #[arg(long, value_name = "DIR", conflicts_with = "whose")]
    root: Option<PathBuf>,
}

/// What becomes of the plan, on the command line.
#[derive(Args, Debug)]
pub struct Deal {
    /// Carry the plan out without asking
    #[arg(long, conflicts_with = "save_plan")]
    pub apply: bool,
    /// Keep the plan in FILE, for certwright apply; never one with a private key
    #[arg(long, value_name = "FILE")]
    pub save_plan: Option<PathBuf>,
    /// The form of the answer
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// A place that was found.
pub struct Located {
    /// The place
    pub site: Site,
    /// Why it is this one, where that was not said
    pub note: Option<String>,
    /// What is installed here
    pub installed: Installed,
}

/// A plan that is to be shown.
pub struct Proposal<'a> {
    planned: &'a Planned,
    before: &'a Inventory,
    installed: &'a Installed,
    notes: Vec<String>,
}

/// What became of it.
pub struct Outcome {
    /// How the run ends.
    pub exit: Exit,
    /// It was carried out.
    pub is_done: bool,
}

/// Finds the place.
///
/// # Errors
/// Where there can be none.
pub fn locate(context: &Context, place: &Place) -> Result<Located, Failure> {
    let installed = Installed::detect(&scan::read_configuration(&context.environment));
    let whose = match (&place.root, place.whose) {
        (Some(root), _) => Whose::Given(std::path::absolute(root).map_err(|error| Failure::File(root.clone(), error))?),
        (None, Some(EngineName::Docker)) => Whose::Docker,
        (None, Some(EngineName::Podman)) => Whose::Podman,
        (None, Some(EngineName::Containerd)) => Whose::Containerd,
        (None, Some(EngineName::Buildkit)) => return Err(Failure::NoBuildkitRoot),
        (None, None) => Whose::Found,
    };
    let mut chosen = setting_up::site(&whose, &context.environment, &installed)?;
    let absolute = |path: &Path| std::path::absolute(path).map_err(|error| Failure::File(path.to_path_buf(), error));
    chosen.site.root.path = absolute(&chosen.site.root.path)?;
    chosen.site.base = chosen.site.base.as_deref().map(absolute).transpose()?;
    Ok(Located { site: chosen.site, note: chosen.note, installed })
}

/// Finds a file of a host directory: by its path, or by host and name in a `certs.d`.
///
/// # Errors
/// Where it is called by neither.
pub fn find(context: &Context, place: &Place, path: &Path) -> Result<(Located, String, OsString), Failure> {
    let unnamed = || Failure::NoCertificatePath(path.to_path_buf());
    let file = path.file_name().ok_or_else(unnamed)?.to_os_string();
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let is_path = parent.is_none_or(|parent| path.is_absolute() || parent.is_dir());
    if !is_path || place.root.is_some() || place.whose.is_some() {
        let host = parent.and_then(Path::to_str).filter(|host| !host.contains('/')).ok_or_else(unnamed)?;
        return Ok((locate(context, place)?, host.to_owned(), file));
    }
    let parent = parent.unwrap_or(Path::new("."));
    let directory = std::path::absolute(parent).map_err(|error| Failure::File(parent.to_path_buf(), error))?;
    let host = directory.file_name().and_then(OsStr::to_str).ok_or_else(unnamed)?.to_owned();
    let root = directory.parent().ok_or_else(unnamed)?.to_path_buf();
    Ok((locate(context, &Place::at(&root))?, host, file))
}

impl Place {
    /// This `certs.d`.
    pub fn at(root: &Path) -> Self {
        Self { whose: None, root: Some(root.to_path_buf()) }
    }

    /// Tells whether somebody said which.
    pub fn is_chosen(&self) -> bool {
        self.whose.is_some() || self.root.is_some()
    }
}

impl Located {
    /// What is there of host directories of these names.
    pub fn look(&self, names: &[String]) -> Inventory {
        setting_up::look(&self.site, names)
    }

    /// A plan that is to be shown.
    pub fn proposal<'a>(&'a self, planned: &'a Planned, before: &'a Inventory, notes: Vec<String>) -> Proposal<'a> {
        Proposal { planned, before, installed: &self.installed, notes }
    }
}

impl<'a> Proposal<'a> {
    /// A plan with what to know of it: a sentence each.
    pub fn new(planned: &'a Planned, before: &'a Inventory, installed: &'a Installed, notes: Vec<String>) -> Self {
        Self { planned, before, installed, notes }
    }
}

impl Deal {
    /// Fails where a plan with a private key is to be kept.
    ///
    /// # Errors
    /// Then.
    pub fn refuse_secret_plan(&self, context: &Context) -> Result<(), Failure> {
        match &self.save_plan {
            Some(_) if context.read_only => Ok(()),
            Some(_) => Err(Failure::SecretPlan(same_command(&["--save-plan"], &["--apply"]))),
            None => Ok(()),
        }
    }

    /// Fails where something is to be changed and nothing may be.
    ///
    /// # Errors
    /// Then.
    pub fn refuse_read_only(&self, context: &Context) -> Result<(), Failure> {
        if self.apply && context.read_only { Err(Failure::ReadOnly) } else { Ok(()) }
    }
}

/// Makes a key. Where somebody waits at a terminal, it tells how long that has taken.
///
/// # Errors
/// Where there is none, or somebody gave it up.
pub fn make_key(algorithm: KeyAlgorithm) -> Result<NewKey, KeyError> {
    let stop = Stop::new();
    let cancel = Cancel::default();
    let status = output::Status::new();
    let made = Generation::start(algorithm).wait(Duration::from_millis(100), &cancel, |steps| {
        if stop.is_asked_for() {
            cancel.raise();
        }
        if steps % 10 == 0 {
            status.show(&format!("making a key, {}: {} s", algorithm.words(), steps / 10));
        }
    });
    status.clear();
    made
}

/// Shows the plan, keeps it where that was asked for, and carries it out where that was asked for or is confirmed.
///
/// # Errors
/// Where it cannot be kept, or a change fails: then nothing is changed.
pub fn conclude(context: &Context, deal: &Deal, proposal: Proposal<'_>) -> Result<Outcome, Failure> {
    let findings = new_findings(context, &proposal);
    if deal.apply {
        proposal.notes.iter().for_each(|note| output::note(note));
        let outcome = carry_out(context, deal, &proposal)?;
        if deal.format == Format::Text {
            output::text(context.appearance, |paper| report::plan::notes(&[], &findings, paper))?;
        }
        return Ok(outcome);
    }
    if let Some(file) = &deal.save_plan {
        save(&proposal, file)?;
    }
    let judges = fix::judges(context);
    let unfinished = Outcome { exit: Exit::Findings, is_done: false };
    if deal.format == Format::Json {
        let plan = report::json::plan(proposal.planned, proposal.before, &judges);
        output::json(&report::json::proposal(plan, proposal.notes, &findings))?;
        return Ok(unfinished);
    }
    output::text(context.appearance, |paper| {
        report::plan::print(proposal.planned, proposal.before, &judges, Detail::Differences, paper)?;
        report::plan::notes(&proposal.notes, &findings, paper)
    })?;
    if deal.save_plan.is_some() || context.read_only {
        return Ok(unfinished);
    }
    if !output::is_interactive() {
        output::note("nothing is changed yet; --apply carries it out");
        return Ok(unfinished);
    }
    if output::confirm("carry it out?") {
        return carry_out(context, deal, &proposal);
    }
    output::note("nothing is changed");
    Ok(unfinished)
}

/// What would be wrong afterwards, as far as something fails because of it.
fn new_findings(context: &Context, proposal: &Proposal<'_>) -> Vec<Finding> {
    let Proposal { planned, before, installed, .. } = proposal;
    let mut findings = setting_up::new_findings(planned, before, &context.rules, context.settings, installed);
    findings.retain(|finding| finding.severity >= context.min_severity.max(Severity::Warning));
    findings
}

fn carry_out(context: &Context, deal: &Deal, proposal: &Proposal<'_>) -> Result<Outcome, Failure> {
    let plan = &proposal.planned.plan;
    let passphrases = Passphrases::default();
    let done = mending::carry_out(context, deal.format, &passphrases, |journal, run| apply::apply(journal, plan, run));
    let done = done.map_err(|failure| match failure {
        Failure::Apply(error) if is_denied(&error) => Failure::Denied(error, same_command(&["--apply"], &["--apply"])),
        other => other,
    })?;
    Ok(Outcome { exit: mending::exit(&done), is_done: true })
}

fn save(proposal: &Proposal<'_>, path: &Path) -> Result<(), Failure> {
    let text = plan_file::write(&proposal.planned.plan).map_err(|error| Failure::Plan(path.to_path_buf(), error))?;
    fix::store(path, &text)
}

/// Tells where the request is that somebody is to sign, and what comes then.
pub fn tell_request(directory: &Path, stem: &OsStr) {
    let request = directory.join(request_name(stem));
    output::note(&format!("send {} to whoever signs it; the key waits beside it", display_name(&request)));
}

/// Tells whether the kernel forbids it to this user.
fn is_denied(error: &ApplyError) -> bool {
    let errno = match error {
        ApplyError::Disk(DiskError::Refused { errno, .. })
        | ApplyError::Journal(JournalError::Refused { errno, .. }) => *errno,
        _ => return false,
    };
    [Errno::EACCES, Errno::EPERM].contains(&errno)
}

/// The same command line for root, without some options and with others behind it.
fn same_command(without: &[&str], with: &[&str]) -> String {
    let mut words = vec!["sudo".to_owned(), "certwright".to_owned()];
    let mut takes_value = false;
    for word in env::args_os().skip(1) {
        let text = word.to_string_lossy().into_owned();
        if takes_value {
            takes_value = false;
            continue;
        }
        if let Some(option) = without.iter().find(|option| text == **option || text.starts_with(&format!("{option}=")))
        {
            takes_value = *option == "--save-plan" && text == *option;
            continue;
        }
        words.push(if text.starts_with('-') { text } else { shell_word(&word) });
    }
    words.extend(with.iter().map(|word| (*word).to_owned()));
    words.join(" ")
}

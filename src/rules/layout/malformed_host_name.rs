//! CW107

use crate::finding::{Applicability, Fix, Severity};
use crate::model::host::Malformed;
use crate::model::{HostName, NameForm, Reach, Role};
use crate::rules::macros::rule;
use crate::rules::{HostContext, Meta, Report, Rule, remedy};

rule! {
    /// The name of a directory in `certs.d` is no registry host.
    ///
    /// The name has to be what stands before the first slash of image references: `host` or `host:port`. No reference
    /// holds a scheme, a host that ends in a full stop, an empty port, an underscore, a blank or a letter outside
    /// ASCII.
    ///
    /// A directory without a certificate or key in it (`.git`, `lost+found`) is worth knowing at most.
    ///
    /// ## Engines
    /// Docker's login and its pull (28 and later) never look for such a name.
    ///
    /// ## Example
    /// `certs.d/https:registry.example.com`, `certs.d/registry.example.com.`, `certs.d/my_registry:5000`.
    ///
    /// ## Fix
    /// Rename the directory as references spell the registry. An international name is written in its `xn--` form.
    ///
    /// ## Sources
    /// distribution/reference 0.6 `regexp.go`, `DomainRegexp`; docker/cli#3981.
    pub MalformedHostName = "CW107" "malformed-host-name", Error
}

impl Rule for MalformedHostName {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn host(&self, context: &HostContext<'_>, report: &mut Report<'_>) {
        let Some(name) = context.host_name() else { return };
        let NameForm::Malformed(why) = name.form() else { return };
        let is_meant = context.files().any(|(_, file)| file.role() != Role::Unused);
        let raw = context.host.name.to_string_lossy();
        let (reason, target) = match why {
            Malformed::Scheme => {
                let host = raw.split_once(':').map_or("", |(_, rest)| rest).trim_start_matches(['/', ':']);
                ("it begins with a scheme".to_owned(), Some(host))
            }
            Malformed::Port => {
                let host = raw.strip_suffix(':');
                ("its port is no number".to_owned(), host)
            }
            Malformed::TrailingDot => ("its host ends in a full stop".to_owned(), raw.strip_suffix('.')),
            Malformed::Character => (foreign_character(&raw), None),
        };
        let advice = match target.filter(|target| !target.is_empty()) {
            Some(target) => format!("rename it to {target}, if that is how references spell the registry"),
            None => "rename it as image references spell the registry".to_owned(),
        };
        let draft =
            report.directory(format!("{raw} is no registry host: {reason}")).everywhere("never looks for this name");
        if is_meant {
            draft.advice(advice).fixes(fixes(context, target));
        } else {
            draft.severity(Severity::Info);
        }
    }
}

fn foreign_character(name: &str) -> String {
    let is_foreign = |letter: &char| !letter.is_ascii_alphanumeric() && !"-.:[]".contains(*letter);
    match name.chars().find(is_foreign) {
        Some(letter) => format!("it holds {letter:?}"),
        None => "a part of it is empty, or begins or ends with a hyphen".to_owned(),
    }
}

/// The name that is meant, where it is evident and a registry's. No reference leads to the present one.
fn fixes(context: &HostContext<'_>, target: Option<&str>) -> Option<Fix> {
    let target = target.filter(|target| context.host.name.to_str().is_some() && !target.contains('/'))?;
    let name = HostName::parse(target.as_ref());
    let is_host = name.reach() == Reach::Image && matches!(name.form(), NameForm::Host { .. });
    let fixes = remedy::rename_directory(context.host, target, Applicability::Safe, None);
    fixes.into_iter().next().filter(|_| is_host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_character_that_no_host_has_is_named() {
        assert_eq!(foreign_character("my_registry"), "it holds '_'");
        assert_eq!(foreign_character("régistre.test"), "it holds 'é'");
        assert_eq!(foreign_character("-registry"), "a part of it is empty, or begins or ends with a hyphen");
    }
}

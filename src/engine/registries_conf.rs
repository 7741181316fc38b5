//! `registries.conf` of containers/image: which servers stand for a registry, and which of them are not verified.
//!
//! Source: containers/image 5.36 `pkg/sysregistriesv2/system_registries_v2.go` (`FindRegistry`, `refMatchingPrefix`,
//! `rewriteReference`, `PullSourcesFromReference`), `docker/docker_image_src.go` (`newImageSource`).

use toml::{Table, Value};

use crate::engine::select::Endpoint;

/// The `[[registry]]` tables of all files, a later one taking the place of an earlier one of the same prefix.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegistriesConf {
    registries: Vec<Registry>,
}

/// One `[[registry]]` table.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Registry {
    /// Image names that begin so belong to it; `*.example.com` means all hosts below.
    prefix: String,
    itself: Location,
    mirrors: Vec<Location>,
    blocked: bool,
}

/// Where images are pulled from.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Location {
    /// What takes the place of the prefix; empty: nothing does.
    text: String,
    insecure: bool,
    /// It serves only references by digest.
    digest_only: bool,
}

impl RegistriesConf {
    /// Adds the tables of another file, which count before those that are there.
    pub fn add(&mut self, table: &Table) {
        let list = table.get("registry").and_then(Value::as_array).into_iter().flatten();
        for registry in list.filter_map(|item| Registry::read(item.as_table()?)) {
            self.registries.retain(|known| known.prefix != registry.prefix);
            self.registries.push(registry);
        }
    }

    /// The servers that an image is pulled from, in order; `name` is that of an image without its tag, or of a registry.
    ///
    /// # Errors
    /// The prefix of the registry, where it is blocked.
    pub fn sources(&self, name: &str) -> Result<Vec<Endpoint>, String> {
        let matching = self.registries.iter().filter_map(|registry| Some((registry.matches(name)?, registry)));
        let Some((length, registry)) = matching.max_by_key(|(_, registry)| registry.prefix.len()) else {
            return Ok(vec![Endpoint::of_containers_image(host_of(name))]);
        };
        if registry.blocked {
            return Err(registry.prefix.clone());
        }
        let by_digest = name.contains('@');
        let mirrors = registry.mirrors.iter().filter(|mirror| by_digest || !mirror.digest_only);
        let all = mirrors.map(|mirror| (mirror, true)).chain([(&registry.itself, false)]);
        let endpoint = |(location, is_mirror): (&Location, bool)| {
            let moved = name.get(length..).filter(|_| !location.text.is_empty());
            let name = moved.map_or_else(|| name.to_owned(), |rest| format!("{}{rest}", location.text));
            let own = Endpoint::of_containers_image(host_of(&name));
            Endpoint { verify: !location.insecure, http_fallback: location.insecure, is_mirror, ..own }
        };
        Ok(all.map(endpoint).collect())
    }
}

impl Registry {
    fn read(table: &Table) -> Option<Self> {
        let flag = |key: &str| table.get(key).and_then(Value::as_bool).unwrap_or_default();
        let itself = Location::read(table);
        let prefix = table.get("prefix").and_then(Value::as_str).unwrap_or_default().trim_end_matches('/');
        let prefix = if prefix.is_empty() { itself.text.clone() } else { prefix.to_owned() };
        let digest_only = flag("mirror-by-digest-only");
        let mirrors = table.get("mirror").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_table);
        let mirrors = mirrors.map(|mirror| {
            let mirror = Location::read(mirror);
            Location { digest_only: mirror.digest_only || digest_only, ..mirror }
        });
        let mirrors = mirrors.collect();
        (!prefix.is_empty()).then(|| Self { prefix, itself, mirrors, blocked: flag("blocked") })
    }

    /// How much of a name is the prefix; `None` where it is not.
    fn matches(&self, name: &str) -> Option<usize> {
        let end = match self.prefix.strip_prefix('*').filter(|rest| rest.starts_with('.')) {
            Some(domain) => {
                let at = name.find(domain).filter(|at| !name.get(..*at).unwrap_or_default().contains('/'))?;
                at + domain.len()
            }
            None => name.strip_prefix(self.prefix.as_str()).map(|_| self.prefix.len())?,
        };
        let rest = name.get(end..)?;
        (rest.is_empty() || rest.starts_with([':', '/', '@'])).then_some(end)
    }
}

impl Location {
    fn read(table: &Table) -> Self {
        let text = |key: &str| table.get(key).and_then(Value::as_str).unwrap_or_default();
        Self {
            text: text("location").trim_end_matches('/').to_owned(),
            insecure: table.get("insecure").and_then(Value::as_bool).unwrap_or_default(),
            digest_only: text("pull-from-mirror") == "digest-only",
        }
    }
}

/// The registry host of an image's full name.
fn host_of(name: &str) -> &str {
    name.split('/').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(text: &str, name: &str) -> String {
        let mut conf = RegistriesConf::default();
        conf.add(&text.parse().unwrap());
        let show = |endpoint: Endpoint| {
            let open = if endpoint.verify { "" } else { "!" };
            format!("{open}{}", endpoint.directory_names.join(","))
        };
        match conf.sources(name) {
            Ok(endpoints) => endpoints.into_iter().map(show).collect::<Vec<_>>().join(" "),
            Err(prefix) => format!("blocked {prefix}"),
        }
    }

    #[test]
    fn mirrors_come_first_and_each_server_has_its_own_directory() {
        let text = r#"
            [[registry]]
            location = "logical.test"
            [[registry.mirror]]
            location = "mirror.test:9443/cache"
            insecure = true
            [[registry.mirror]]
            location = "digests.test"
            pull-from-mirror = "digest-only"
            [[registry]]
            prefix = "logical.test/team"
            location = "real.test:8443/x"
            [[registry]]
            prefix = "*.example.com"
            blocked = true
        "#;
        assert_eq!(sources(text, "logical.test"), "!mirror.test:9443 logical.test");
        assert_eq!(sources(text, "logical.test/a"), "!mirror.test:9443 logical.test");
        assert_eq!(sources(text, "logical.test/a@sha256:00"), "!mirror.test:9443 digests.test logical.test");
        assert_eq!(sources(text, "logical.test/team/a"), "real.test:8443");
        assert_eq!(sources(text, "logical.testing/a"), "logical.testing");
        assert_eq!(sources(text, "a.b.example.com/x"), "blocked *.example.com");
        assert_eq!(sources(text, "example.com/x"), "example.com");
    }

    #[test]
    fn a_later_table_takes_the_place_of_an_earlier_one() {
        let mut conf = RegistriesConf::default();
        conf.add(&"[[registry]]\nlocation = \"r.test\"\nblocked = true\n".parse().unwrap());
        assert_eq!(conf.sources("r.test"), Err("r.test".to_owned()));
        conf.add(&"[[registry]]\nprefix = \"r.test\"\nlocation = \"s.test\"\n".parse().unwrap());
        assert_eq!(conf.sources("r.test/a").unwrap().len(), 1);
    }
}

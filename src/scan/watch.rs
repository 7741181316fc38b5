//! Waits for changes of roots and host directories, through inotify: told in one piece once nothing has changed for a
//! moment. Asleep as long as nothing changes. What has changed is not read here.
//!
//! Own code over inotify(7), since what `notify` asks for includes that a file was opened: every read of this program, and
//! of an engine, would wake it.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
use rustix::io::Errno;
use rustix::pipe::{PipeFlags, pipe_with};

/// How long nothing may change before what has changed is told.
const QUIET: Duration = Duration::from_millis(80);
/// The longest time for which that is waited for.
const PATIENCE: Duration = Duration::from_millis(500);

/// What a watcher tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Watched {
    /// Everything is watched from now on, or not everything.
    Ready {
        /// So many directories are watched
        watched: usize,
        /// of so many.
        wanted: usize,
    },
    /// Something changed in these directories.
    Changed(BTreeSet<PathBuf>),
    /// Something changed, but what is lost: there was too much of it.
    Overrun,
}

/// Directories that are watched. Dropping it ends that.
pub struct Watcher {
    news: Receiver<Watched>,
    /// Its other end becomes readable when this one is closed.
    _stop: OwnedFd,
}

impl Watcher {
    /// Begins to watch: roots, for host directories that come and go, and host directories, for their files.
    ///
    /// # Errors
    /// Where the kernel watches nothing more for this user.
    pub fn start(roots: Vec<PathBuf>, hosts: Vec<PathBuf>) -> io::Result<Self> {
        let queue = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
        let (stopped, stop) = pipe_with(PipeFlags::CLOEXEC)?;
        let (sender, news) = unbounded();
        thread::Builder::new().name("watch".into()).spawn(move || {
            let mut watch = Watch { queue, places: HashMap::new(), roots: BTreeSet::new(), refused: 0 };
            let wanted = roots.len() + hosts.len();
            watch.add_all(roots, hosts);
            if sender.send(Watched::Ready { watched: wanted - watch.refused, wanted }).is_ok() {
                watch.run(&stopped, &sender);
            }
        })?;
        Ok(Self { news, _stop: stop })
    }

    /// Where its news come from.
    pub fn news(&self) -> &Receiver<Watched> {
        &self.news
    }
}

/// What one wait for changes found.
enum Wait {
    Changes,
    Quiet,
    Stopped,
}

struct Watch {
    queue: OwnedFd,
    /// The paths of a watched directory: links may give it several.
    places: HashMap<i32, Vec<PathBuf>>,
    roots: BTreeSet<PathBuf>,
    /// How many are not watched for lack of watches.
    refused: usize,
}

impl Watch {
    fn add_all(&mut self, roots: Vec<PathBuf>, hosts: Vec<PathBuf>) {
        for path in &roots {
            self.add(path);
        }
        self.roots = roots.into_iter().collect();
        for path in &hosts {
            // One refusal is like the next.
            if self.refused > 0 {
                self.refused += 1;
            } else {
                self.add(path);
            }
        }
    }

    /// Watches a directory. What is no directory or is gone already is told of by its root.
    fn add(&mut self, path: &Path) {
        let flags = WatchFlags::CREATE
            | WatchFlags::DELETE
            | WatchFlags::MOVED_FROM
            | WatchFlags::MOVED_TO
            | WatchFlags::CLOSE_WRITE
            | WatchFlags::ATTRIB
            | WatchFlags::DELETE_SELF
            | WatchFlags::MOVE_SELF
            | WatchFlags::ONLYDIR;
        let named = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        match inotify::add_watch(&self.queue, named, flags) {
            Ok(watch) => {
                let places = self.places.entry(watch).or_default();
                if !places.iter().any(|place| place == path) {
                    places.push(path.to_path_buf());
                }
            }
            Err(Errno::NOSPC | Errno::NOMEM) => self.refused += 1,
            Err(_) => {}
        }
    }

    fn run(&mut self, stopped: &OwnedFd, sender: &Sender<Watched>) {
        loop {
            match self.wait(stopped, None) {
                Ok(Wait::Changes) => {}
                Ok(Wait::Quiet) => continue,
                Ok(Wait::Stopped) | Err(_) => return,
            }
            let begun = Instant::now();
            let mut changed = BTreeSet::new();
            let mut overrun = false;
            loop {
                overrun |= self.take(&mut changed);
                if begun.elapsed() >= PATIENCE {
                    break;
                }
                match self.wait(stopped, Some(QUIET)) {
                    Ok(Wait::Changes) => {}
                    Ok(Wait::Quiet) => break,
                    Ok(Wait::Stopped) | Err(_) => return,
                }
            }
            let news = if overrun { Watched::Overrun } else { Watched::Changed(changed) };
            if sender.send(news).is_err() {
                return;
            }
        }
    }

    fn wait(&self, stopped: &OwnedFd, limit: Option<Duration>) -> io::Result<Wait> {
        let mut sources = [PollFd::new(&self.queue, PollFlags::IN), PollFd::new(stopped, PollFlags::IN)];
        let limit = limit.and_then(|limit| Timespec::try_from(limit).ok());
        match poll(&mut sources, limit.as_ref()) {
            Ok(0) | Err(Errno::INTR) => return Ok(Wait::Quiet),
            Ok(_) => {}
            Err(error) => return Err(error.into()),
        }
        let [changes, stop] = sources.map(|source| !source.revents().is_empty());
        Ok(match (changes, stop) {
            (_, true) => Wait::Stopped,
            (true, false) => Wait::Changes,
            (false, false) => Wait::Quiet,
        })
    }

    /// Takes what the kernel tells. Tells whether some of it is lost.
    fn take(&mut self, changed: &mut BTreeSet<PathBuf>) -> bool {
        let mut buffer = [MaybeUninit::uninit(); 16_384];
        let mut events = Vec::new();
        let mut reader = Reader::new(self.queue.as_fd(), &mut buffer);
        // It ends with "nothing more for now".
        while let Ok(event) = reader.next() {
            let name = event.file_name().map(|name| std::ffi::OsStr::from_bytes(name.to_bytes()).to_os_string());
            events.push((event.wd(), event.events(), name));
        }
        let mut overrun = false;
        for (watch, what, name) in events {
            overrun |= what.contains(ReadFlags::QUEUE_OVERFLOW);
            let places = self.places.get(&watch).cloned().unwrap_or_default();
            if what.contains(ReadFlags::IGNORED) {
                self.places.remove(&watch);
            }
            let appears = what.intersects(ReadFlags::CREATE | ReadFlags::MOVED_TO);
            for place in places {
                if let Some(name) = name.as_ref().filter(|_| self.roots.contains(&place)) {
                    let host = place.join(name);
                    if appears {
                        self.add(&host);
                    }
                    changed.insert(host);
                }
                changed.insert(place);
            }
        }
        overrun
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test changes its own files")]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(20);

    fn changed(watcher: &Watcher) -> BTreeSet<PathBuf> {
        match watcher.news().recv_timeout(LONG).unwrap() {
            Watched::Changed(changed) => changed,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_changes_is_told_in_one_piece_and_reading_is_no_change() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().to_path_buf();
        let host = root.join("a.example");
        std::fs::create_dir(&host).unwrap();
        std::fs::write(host.join("ca.crt"), "1").unwrap();
        let watcher = Watcher::start(vec![root.clone()], vec![host.clone()]).unwrap();
        assert_eq!(watcher.news().recv_timeout(LONG).unwrap(), Watched::Ready { watched: 2, wanted: 2 });
        assert_eq!(std::fs::read(host.join("ca.crt")).unwrap(), b"1");
        assert!(watcher.news().recv_timeout(QUIET * 3).is_err(), "nothing changed");
        std::fs::write(host.join("ca.crt"), "2").unwrap();
        std::fs::write(host.join("more.crt"), "3").unwrap();
        assert_eq!(changed(&watcher), [host.clone()].into());
        // A directory that appears is watched at once.
        let other = root.join("b.example");
        std::fs::create_dir(&other).unwrap();
        assert_eq!(changed(&watcher), [root.clone(), other.clone()].into());
        std::fs::write(other.join("ca.crt"), "4").unwrap();
        assert_eq!(changed(&watcher), [other.clone()].into());
        std::fs::rename(&other, root.join("c.example")).unwrap();
        assert!(changed(&watcher).contains(&root.join("c.example")));
    }
}

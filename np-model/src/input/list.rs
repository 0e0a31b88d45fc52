//! Reads a text that is one plain list of objects, or a stream of documents with one object each, object by
//! object, on several threads.
//!
//! This gives what reading it whole gives, or nothing: what is out of the ordinary, such as a list of
//! another kind or a name that the API server would make up, is left to that.

use std::sync::atomic::{AtomicU64, Ordering};

use super::Input;
use super::object::TypeMeta;
use super::read::{Met, Outcome, Reader, Settings};
use crate::facts::Pool;
use crate::load::{self, node::Node};
use crate::origin::SourceId;
use crate::parallel::threads;

/// What `kubectl get -o json` and `-o yaml` write around objects.
const LIST: TypeMeta<'_> = TypeMeta { group: "", version: "v1", kind: "List" };

impl Input {
    /// Reads a text that is one plain list; `false` if it is not, and nothing has been taken.
    pub(super) fn list(&mut self, source: SourceId, text: &str) -> bool {
        let threads = self.threads.unwrap_or_else(threads);
        let (settings, file) = (&self.settings, Some(self.sources.name(source)));
        let objects = || Objects::new(settings, file, self.progress.as_deref()).each(Some(LIST));
        let Some(list) = load::list(source, text, &settings.limits, threads, objects) else { return false };
        let Some(root) = list.header.root() else { return false };
        let header = Reader { settings, file, pool: &mut self.pool }.object(root, None, None);
        if !matches!(header.met, Met::List(LIST)) || !header.problems.is_empty() {
            return false;
        }
        list.parts.into_iter().flatten().for_each(|outcome| self.take(outcome));
        self.take(header);
        true
    }

    /// Reads a long text of documents with one object each; `false` if it is not, and nothing has been taken.
    pub(super) fn stream(&mut self, source: SourceId, text: &str) -> bool {
        let threads = self.threads.unwrap_or_else(threads);
        let (settings, file) = (&self.settings, Some(self.sources.name(source)));
        let objects = || Objects::new(settings, file, self.progress.as_deref()).each(None);
        let Some(parts) = load::stream(source, text, &settings.limits, threads, objects) else {
            return false;
        };
        parts.into_iter().flatten().for_each(|outcome| self.take(outcome));
        true
    }
}

/// What reads objects on one thread.
struct Objects<'i> {
    settings: &'i Settings,
    file: Option<&'i str>,
    progress: Option<&'i AtomicU64>,
    pool: Pool,
    /// Where the object before stood.
    before: Option<u32>,
}

impl<'i> Objects<'i> {
    fn new(settings: &'i Settings, file: Option<&'i str>, progress: Option<&'i AtomicU64>) -> Self {
        Self { settings, file, progress, pool: Pool::default(), before: None }
    }

    /// Reads one after the other; nothing comes of those that need what others say.
    fn each(
        mut self,
        of_list: Option<TypeMeta<'static>>,
    ) -> impl FnMut(Node<'_>) -> Option<Outcome<'static>> + use<'i> {
        move |object| {
            if let (Some(progress), Some(at)) = (self.progress, object.place()) {
                let before = self.before.replace(at.offset).unwrap_or(at.offset);
                progress.fetch_add(u64::from(at.offset.saturating_sub(before)), Ordering::Relaxed);
            }
            let mut reader = Reader { settings: self.settings, file: self.file, pool: &mut self.pool };
            reader.object(object, of_list, None).detached()
        }
    }
}

impl Outcome<'_> {
    /// The same without its text; nothing if it is a list, or goes by a name that is not settled yet.
    fn detached(self) -> Option<Outcome<'static>> {
        let met = match self.met {
            Met::Named(claim, _) | Met::Unevaluated(Some(claim), _) if claim.name.generated => return None,
            Met::List(_) => return None,
            Met::Nothing => Met::Nothing,
            Met::NotAnObject => Met::NotAnObject,
            Met::Nameless => Met::Nameless,
            Met::Ignored(kind) => Met::Ignored(kind),
            Met::IgnoredKind(kind) => Met::IgnoredKind(kind),
            Met::Named(claim, content) => Met::Named(claim, content),
            Met::Unevaluated(claim, policy) => Met::Unevaluated(claim, policy),
        };
        Some(Outcome { met, ..self })
    }
}

#[cfg(test)]
#[path = "list_tests/mod.rs"]
mod tests;

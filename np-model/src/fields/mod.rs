//! Typed access to the fields of an object, which notes what is wrong and where.
//!
//! Decoders ask for what they need (`spec.get("replicas").int()`) and get the value or nothing;
//! a value of the wrong type has then been reported with its place and path. As in the API
//! server's JSON decoder, `null` is the same as not being there, and names are case-sensitive.

pub(crate) mod address;
pub(crate) mod label_selector;
mod name;
mod near;
pub(crate) mod syntax;

use std::cell::RefCell;
use std::fmt;

pub(crate) use name::{Name, namespace};
pub(crate) use near::near;

use crate::diag::{Cause, Code, Diagnostic, Limit, Severity};
use crate::load::Limits;
use crate::load::node::{Entries, Entry, Items, Node, Value};
use crate::origin::Location;

/// What was found wrong with one object.
#[derive(Debug)]
pub(crate) struct Report {
    problems: RefCell<Vec<Diagnostic>>,
    /// How many labels the object may carry.
    labels: usize,
}

impl Report {
    /// Nothing yet, on an object within these limits.
    pub(crate) fn within(limits: &Limits) -> Self {
        Self { problems: RefCell::default(), labels: limits.labels }
    }

    /// The problems, in the order found.
    pub(crate) fn into_problems(self) -> Vec<Diagnostic> {
        self.problems.into_inner()
    }

    /// Whether there is an error among them.
    fn has_errors(&self) -> bool {
        self.problems.borrow().iter().any(|problem| problem.severity == Severity::Error)
    }
}

/// A field of an object: its value, if it has one, and the path that leads to it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field<'f> {
    /// The value; absent and `null` are both `None`.
    node: Option<Node<'f>>,
    /// Whether it was written, `null` included.
    given: bool,
    /// The place of the value, else of what should have held it.
    at: Option<Location>,
    /// The place of its key, if it is an entry of a map that was asked for all of them.
    key_at: Option<Location>,
    step: Step<'f>,
    parent: Option<&'f Field<'f>>,
    report: &'f Report,
}

/// How a field is reached from the one that holds it.
#[derive(Debug, Clone, Copy)]
enum Step<'f> {
    Root,
    Key(&'f str),
    Index(usize),
}

impl<'f> Field<'f> {
    /// A whole object.
    pub(crate) fn root(node: Node<'f>, report: &'f Report) -> Self {
        Self {
            node: present(node),
            given: true,
            at: node.place(),
            key_at: None,
            step: Step::Root,
            parent: None,
            report,
        }
    }

    /// The field `key` of this map; absent if there is none or this is no map.
    pub(crate) fn get(&'f self, key: &'f str) -> Self {
        self.child(Step::Key(key), self.node.and_then(|node| node.get(key)))
    }

    /// Whether it was written down, be it as `null`.
    pub(crate) fn is_given(&self) -> bool {
        self.given
    }

    /// Whether it has no value.
    pub(crate) fn is_absent(&self) -> bool {
        self.node.is_none()
    }

    /// Where its value starts, or where what should hold it starts.
    pub(crate) fn at(&self) -> Option<Location> {
        self.at
    }

    /// Where the key of one of [`Field::entries`] starts.
    pub(crate) fn key_at(&self) -> Option<Location> {
        self.key_at
    }

    /// The same field, known to be a map or absent.
    pub(crate) fn map(self) -> Self {
        match self.value() {
            None | Some(Value::Map(_)) => self,
            Some(_) => {
                self.wrong_type::<()>("a map");
                Self { node: None, ..self }
            }
        }
    }

    /// The same field, known to be a map with no fields but these.
    pub(crate) fn map_of(self, known: &[&str]) -> Self {
        self.map_of_or(known, |_| None)
    }

    /// As [`Field::map_of`]; `advice` may know what to do about another field.
    pub(crate) fn map_of_or(self, known: &[&str], advice: impl Fn(&str) -> Option<String>) -> Self {
        let map = self.map();
        for Entry { key, key_at, .. } in map.raw_entries() {
            if !known.contains(&key) {
                let meant = || near(key, known).map(|meant| format!("did you mean `{meant}`?"));
                let help = advice(key).or_else(meant);
                let help = help.unwrap_or_else(|| format!("the fields here are {}", known.join(", ")));
                let problem = Diagnostic::error(Code::UnknownField, format!("unknown field `{key}`"));
                map.child(Step::Key(key), None).report(problem.at(key_at).help(help));
            }
        }
        map
    }

    /// The fields of this map, whatever their names.
    pub(crate) fn entries(&'f self) -> impl Iterator<Item = (&'f str, Self)> {
        self.map().raw_entries().map(|Entry { key, key_at, value }| {
            let field = self.child(Step::Key(key), Some(value));
            (key, Self { key_at, ..field })
        })
    }

    /// The labels in this map. Beyond what the input may give one object, none is read.
    pub(crate) fn labels(&'f self) -> impl Iterator<Item = (&'f str, Self)> {
        let (found, allowed) = (self.raw_entries().len(), self.report.labels);
        if found > allowed {
            let message = format!("{found} labels, and {allowed} are allowed");
            let problem = Diagnostic::error(Code::LimitExceeded, message).limit(Limit::Labels);
            self.report(problem.help("no object needs that many; look for what made it"));
        }
        self.entries().take(if found > allowed { 0 } else { found })
    }

    /// The items of this list.
    pub(crate) fn items(&'f self) -> impl ExactSizeIterator<Item = Self> {
        if !self.is_absent() && !self.is_list() {
            self.wrong_type::<()>("a list");
        }
        let items = self.node.map_or_else(Items::default, Node::items);
        items.enumerate().map(|(index, item)| self.child(Step::Index(index), Some(item)))
    }

    /// The string here.
    pub(crate) fn text(&self) -> Option<&'f str> {
        match self.node?.as_str() {
            Some(text) => Some(text),
            None => self.wrong_type("a string"),
        }
    }

    /// The string here, if it is not empty: to most fields of the API an empty one is none.
    pub(crate) fn filled(&self) -> Option<&'f str> {
        self.text().filter(|text| !text.is_empty())
    }

    /// The string that must be here; without one it is reported why.
    pub(crate) fn required(&self, why: &str) -> Option<&'f str> {
        if self.is_absent() || (self.is_text() && self.filled().is_none()) {
            self.missing(why);
            return None;
        }
        self.text()
    }

    /// The truth value here.
    pub(crate) fn flag(&self) -> Option<bool> {
        match self.node?.value() {
            Value::Bool(flag) => Some(flag),
            _ => self.wrong_type("a boolean"),
        }
    }

    /// The 32-bit whole number here, however it is written (`80`, `80.0`).
    pub(crate) fn int(&self) -> Option<i32> {
        let whole = match self.node?.value() {
            Value::Int(number) => i32::try_from(number).ok(),
            Value::Float(number) => whole(number),
            _ => None,
        };
        whole.or_else(|| self.wrong_type("a whole number of 32 bits"))
    }

    /// Checks that a 64-bit whole number stands here, if anything does.
    pub(crate) fn check_long(&self) {
        let is_whole = match self.value() {
            None | Some(Value::Int(_)) => true,
            Some(Value::Float(number)) => number.fract() == 0.0 && number.abs() < 2_f64.powi(63),
            Some(_) => false,
        };
        if !is_whole {
            self.wrong_type::<()>("a whole number of 64 bits");
        }
    }

    /// Whether a list stands here.
    pub(crate) fn is_list(&self) -> bool {
        matches!(self.value(), Some(Value::Seq(_)))
    }

    /// Whether a map can be read here: one stands here, or nothing, which is an empty one. What anything
    /// else lacks is not worth a word beside the error of its type.
    pub(crate) fn is_readable(&self) -> bool {
        self.is_absent() || self.is_map()
    }

    /// Whether a map stands here.
    pub(crate) fn is_map(&self) -> bool {
        matches!(self.value(), Some(Value::Map(_)))
    }

    /// What kind of value stands here, in the words of an error message.
    pub(crate) fn kind(&self) -> &'static str {
        self.node.map_or("nothing", Node::kind)
    }

    /// Whether a string stands here.
    pub(crate) fn is_text(&self) -> bool {
        matches!(self.value(), Some(Value::Str(_)))
    }

    /// Whether this very string stands here.
    pub(crate) fn is(&self, text: &str) -> bool {
        self.node.and_then(Node::as_str) == Some(text)
    }

    /// Whether the number 0 stands here.
    pub(crate) fn is_zero(&self) -> bool {
        matches!(self.value(), Some(Value::Int(0)))
    }

    /// How many problems the object has so far.
    pub(crate) fn problems(&self) -> usize {
        self.report.problems.borrow().len()
    }

    /// Whether anything in the object is an error so far.
    pub(crate) fn has_errors(&self) -> bool {
        self.report.has_errors()
    }

    /// Reports a problem with this field, at its place.
    pub(crate) fn report(&self, problem: Diagnostic) {
        let at = problem.at.or(self.at);
        let (problem, path) = (problem.at(at), self.to_string());
        // A whole object has no path.
        let problem = if path.is_empty() { problem } else { problem.field(path) };
        self.report.problems.borrow_mut().push(problem);
    }

    /// Reports a value that the API server refuses.
    pub(crate) fn invalid(&self, message: impl Into<String>) {
        self.invalid_with(message, None);
    }

    /// Reports a value that the API server refuses for what stands at another place.
    pub(crate) fn invalid_at(&self, message: impl Into<String>, at: Option<Location>) {
        self.report(Diagnostic::error(Code::InvalidValue, message).cause(Cause::Invalid).at(at));
    }

    /// Reports a value that the API server refuses, with advice if there is any.
    pub(crate) fn invalid_with(&self, message: impl Into<String>, help: Option<&str>) {
        let problem = Diagnostic::error(Code::InvalidValue, message).cause(Cause::Invalid);
        self.report(match help {
            Some(help) => problem.help(help),
            None => problem,
        });
    }

    /// Reports a value that is none of those there are.
    pub(crate) fn unsupported(&self, message: impl Into<String>, help: &str) {
        self.report(Diagnostic::error(Code::InvalidValue, message).cause(Cause::NotSupported).help(help));
    }

    /// Reports that the field must be there and is not.
    pub(crate) fn missing(&self, message: impl Into<String>) {
        self.report(Diagnostic::error(Code::MissingField, message).cause(Cause::Required));
    }

    /// Reports that the value is of another type than `expected`; gives the nothing that is read.
    pub(crate) fn wrong_type<T>(&self, expected: &str) -> Option<T> {
        let problem =
            Diagnostic::error(Code::WrongType, format!("expected {expected}, found {}", self.kind()));
        let quotable = matches!(self.value(), Some(Value::Bool(_) | Value::Int(_) | Value::Float(_)));
        self.report(if quotable && expected == "a string" {
            problem.help("quote it: unquoted, YAML reads it as another type, and the API server refuses it")
        } else {
            problem
        });
        None
    }

    fn value(&self) -> Option<Value<'f>> {
        self.node.map(Node::value)
    }

    fn raw_entries(self) -> Entries<'f> {
        self.node.map_or_else(Entries::default, Node::entries)
    }

    fn child<'c>(&'c self, step: Step<'c>, node: Option<Node<'c>>) -> Field<'c> {
        Field {
            node: node.and_then(present),
            given: node.is_some(),
            at: node.and_then(Node::place).or(self.at),
            key_at: None,
            step,
            parent: Some(self),
            report: self.report,
        }
    }
}

/// The path, as the API server writes it: `spec.ingress[0].from[1].ipBlock.cidr`.
impl fmt::Display for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.step {
            Step::Root => Ok(()),
            Step::Key(key) if self.parent.is_some_and(|parent| parent.parent.is_some()) => {
                write!(f, ".{key}")
            }
            Step::Key(key) => f.write_str(key),
            Step::Index(index) => write!(f, "[{index}]"),
        }
    }
}

fn present(node: Node<'_>) -> Option<Node<'_>> {
    (!node.is_null()).then_some(node)
}

/// The 32-bit whole number that a float stands for.
fn whole(number: f64) -> Option<i32> {
    let fits = number.fract() == 0.0 && (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&number);
    #[expect(clippy::cast_possible_truncation, reason = "whole and in range, so nothing is cut off")]
    fits.then_some(number as i32)
}

//! Several steps at once, where the machine has the cores.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::OnceLock;
use std::thread;

/// How many threads the machine runs at once. The system is asked once, as that takes reading some files.
pub fn threads() -> NonZero<usize> {
    static THREADS: OnceLock<NonZero<usize>> = OnceLock::new();
    *THREADS.get_or_init(|| thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN))
}

/// Takes both steps, at once if that is wanted: if they are long enough and there are two cores. Neither knows
/// of the other, so that the results are the same.
pub fn both<A: Send, B>(at_once: bool, one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B) -> (A, B) {
    if !at_once {
        return (one(), other());
    }
    thread::scope(|scope| {
        let one = scope.spawn(one);
        let other = other();
        (one.join().unwrap_or_else(|panic| resume_unwind(panic)), other)
    })
}

/// Takes a step for each of these, all at once; gives what each gives, in order.
pub fn each<T: Sync, R: Send>(all: &[T], step: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let Some((first, others)) = all.split_first() else { return Vec::new() };
    let step = &step;
    thread::scope(|scope| {
        let others: Vec<_> = others.iter().map(|one| scope.spawn(move || step(one))).collect();
        let mut results = vec![step(first)];
        results.extend(
            others.into_iter().map(|other| other.join().unwrap_or_else(|panic| resume_unwind(panic))),
        );
        results
    })
}

#[cfg(test)]
mod tests {
    use super::{both, each};

    #[test]
    fn gives_what_each_gives() {
        for at_once in [false, true] {
            assert_eq!(both(at_once, || "one", || 2), ("one", 2));
        }
        for count in 0..4 {
            let all: Vec<usize> = (0..count).collect();
            assert_eq!(each(&all, |one| one * 2), all.iter().map(|one| one * 2).collect::<Vec<_>>());
        }
    }
}

//! Waiting in one thread: a mutex that grants turns in order, and an answer that comes once.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::Future;
use std::ops::{Deref, DerefMut};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// A mutex whose guard may be held across an await. Turns are granted in the order of asking.
pub(crate) struct Mutex<T> {
    /// `None` while a guard has it.
    value: Cell<Option<Box<T>>>,
    held: Cell<bool>,
    waiting: RefCell<VecDeque<Rc<Turn>>>,
}

#[derive(Default)]
struct Turn {
    granted: Cell<bool>,
    waker: Cell<Option<Waker>>,
}

pub(crate) struct Guard<'a, T> {
    mutex: &'a Mutex<T>,
    value: Option<Box<T>>,
}

impl<T> Mutex<T> {
    pub fn new(value: T) -> Self {
        Mutex {
            value: Cell::new(Some(Box::new(value))),
            held: Cell::new(false),
            waiting: RefCell::default(),
        }
    }

    pub async fn lock(&self) -> Guard<'_, T> {
        if self.held.replace(true) {
            let turn = Rc::<Turn>::default();
            self.waiting.borrow_mut().push_back(turn.clone());
            Wait {
                mutex: self,
                turn,
                taken: false,
            }
            .await;
        }
        Guard {
            mutex: self,
            value: self.value.take(),
        }
    }

    fn pass_on(&self) {
        match self.waiting.borrow_mut().pop_front() {
            Some(turn) => {
                turn.granted.set(true);
                if let Some(waker) = turn.waker.take() {
                    waker.wake();
                }
            }
            None => self.held.set(false),
        }
    }
}

struct Wait<'a, T> {
    mutex: &'a Mutex<T>,
    turn: Rc<Turn>,
    taken: bool,
}

impl<T> Future for Wait<'_, T> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.turn.granted.get() {
            self.taken = true;
            Poll::Ready(())
        } else {
            self.turn.waker.set(Some(context.waker().clone()));
            Poll::Pending
        }
    }
}

impl<T> Drop for Wait<'_, T> {
    fn drop(&mut self) {
        if self.taken {
            return;
        }
        if self.turn.granted.get() {
            self.mutex.pass_on();
        } else {
            self.mutex.waiting.borrow_mut().retain(|turn| !Rc::ptr_eq(turn, &self.turn));
        }
    }
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value.as_deref().expect("the guard holds the value until it is dropped")
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.value.as_deref_mut().expect("the guard holds the value until it is dropped")
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        self.mutex.value.set(self.value.take());
        self.mutex.pass_on();
    }
}

/// The waiting half of an answer that comes once. `None` if the other half was dropped without one.
#[cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
pub(crate) struct Answer<T>(Rc<Slot<T>>);

#[cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
pub(crate) struct Answerer<T>(Rc<Slot<T>>);

struct Slot<T> {
    value: Cell<Option<T>>,
    closed: Cell<bool>,
    waker: Cell<Option<Waker>>,
}

#[cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
pub(crate) fn answer<T>() -> (Answerer<T>, Answer<T>) {
    let slot = Rc::new(Slot {
        value: Cell::new(None),
        closed: Cell::new(false),
        waker: Cell::new(None),
    });
    (Answerer(slot.clone()), Answer(slot))
}

#[cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
impl<T> Answerer<T> {
    pub fn send(self, value: T) {
        self.0.value.set(Some(value));
    }
}

impl<T> Drop for Answerer<T> {
    fn drop(&mut self) {
        self.0.closed.set(true);
        if let Some(waker) = self.0.waker.take() {
            waker.wake();
        }
    }
}

impl<T> Future for Answer<T> {
    type Output = Option<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        if let Some(value) = self.0.value.take() {
            return Poll::Ready(Some(value));
        }
        if self.0.closed.get() {
            return Poll::Ready(None);
        }
        self.0.waker.set(Some(context.waker().clone()));
        Poll::Pending
    }
}

/// Runs a future to its end on this thread. For native stores, whose futures never wait for another thread.
#[cfg(not(target_arch = "wasm32"))]
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        std::thread::yield_now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn turns_come_in_order_and_a_dropped_waiter_keeps_nobody_waiting() {
        let mutex = Mutex::new(Vec::new());
        let mut first = block_on(mutex.lock());
        first.push(1);
        let mut second = std::pin::pin!(mutex.lock());
        assert!(poll(second.as_mut()).is_pending());
        let mut granted_but_dropped = Box::pin(mutex.lock());
        assert!(poll(granted_but_dropped.as_mut()).is_pending());
        let mut last = std::pin::pin!(mutex.lock());
        assert!(poll(last.as_mut()).is_pending());
        drop(first);
        assert!(poll(last.as_mut()).is_pending(), "the second asked earlier");
        let Poll::Ready(mut guard) = poll(second.as_mut()) else {
            panic!("the second has its turn")
        };
        guard.push(2);
        drop(guard);
        drop(granted_but_dropped);
        let Poll::Ready(guard) = poll(last.as_mut()) else {
            panic!("the last has its turn")
        };
        assert_eq!(*guard, [1, 2]);
    }

    #[test]
    fn an_answer_comes_once_or_is_known_never_to_come() {
        let (answerer, answer) = answer();
        answerer.send(7);
        assert_eq!(block_on(answer), Some(7));
        let (answerer, answer) = super::answer::<u8>();
        drop(answerer);
        assert_eq!(block_on(answer), None);
    }
}

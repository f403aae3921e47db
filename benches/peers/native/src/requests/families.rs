//! The families' requests: each needs a field or two of them.

use serde::Deserialize;

use super::gateway::{Agent, Context, Tool, User};
use super::{Decoding, Everything, Needed, Owned, Shape, Text};

/// Calls on a path or URL.
pub struct Target;
/// Calls over an amount.
pub struct Amount;
/// Calls of an agent for a user.
pub struct Identity;

pub struct Ids<'r> {
    pub agent: &'r str,
    pub user: &'r str,
}

impl Shape for Target {
    type Facts<'r> = &'r str;
}

impl Shape for Amount {
    type Facts<'r> = i64;
}

impl Shape for Identity {
    type Facts<'r> = Ids<'r>;
}

#[derive(Deserialize)]
pub struct OnTarget<'a> {
    #[serde(borrow)]
    args: TargetArgs<'a>,
}

#[derive(Deserialize)]
struct TargetArgs<'a> {
    #[serde(borrow)]
    target: Text<'a>,
}

#[derive(Deserialize)]
pub struct OverAmount {
    args: AmountArgs,
}

#[derive(Deserialize)]
struct AmountArgs {
    amount: i64,
}

#[derive(Deserialize)]
pub struct ByIds<'a> {
    #[serde(borrow)]
    agent: Id<'a>,
    #[serde(borrow)]
    user: Id<'a>,
}

#[derive(Deserialize)]
struct Id<'a> {
    #[serde(borrow)]
    id: Text<'a>,
}

impl Decoding<Target> for Needed {
    type Request<'a> = OnTarget<'a>;

    #[inline(always)]
    fn facts<'r>(request: &'r OnTarget<'_>) -> &'r str {
        request.args.target.as_ref()
    }
}

impl Decoding<Amount> for Needed {
    type Request<'a> = OverAmount;

    #[inline(always)]
    fn facts(request: &OverAmount) -> i64 {
        request.args.amount
    }
}

impl Decoding<Identity> for Needed {
    type Request<'a> = ByIds<'a>;

    #[inline(always)]
    fn facts<'r>(request: &'r ByIds<'_>) -> Ids<'r> {
        Ids { agent: request.agent.id.as_ref(), user: request.user.id.as_ref() }
    }
}

/// All fields, with strings of some kind.
#[derive(Deserialize)]
#[expect(dead_code, reason = "read, though of no use to the policy")]
pub struct Whole<T> {
    agent: Agent<T>,
    user: User<T>,
    tool: Tool<T>,
    args: Args<T>,
    context: Context<T>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "read, though of no use to the policy")]
struct Args<T> {
    target: T,
    amount: i64,
    subject: T,
    body: T,
}

/// What a family's policy wants to know of all fields.
trait Wanted: Shape {
    fn of<'r, T: AsRef<str>>(request: &'r Whole<T>) -> Self::Facts<'r>;
}

impl Wanted for Target {
    #[inline(always)]
    fn of<T: AsRef<str>>(request: &Whole<T>) -> &str {
        request.args.target.as_ref()
    }
}

impl Wanted for Amount {
    #[inline(always)]
    fn of<T: AsRef<str>>(request: &Whole<T>) -> i64 {
        request.args.amount
    }
}

impl Wanted for Identity {
    #[inline(always)]
    fn of<T: AsRef<str>>(request: &Whole<T>) -> Ids<'_> {
        Ids { agent: request.agent.id.as_ref(), user: request.user.id.as_ref() }
    }
}

impl<S: Wanted> Decoding<S> for Everything {
    type Request<'a> = Whole<Text<'a>>;

    #[inline(always)]
    fn facts<'r>(request: &'r Whole<Text<'_>>) -> S::Facts<'r> {
        S::of(request)
    }
}

impl<S: Wanted> Decoding<S> for Owned {
    type Request<'a> = Whole<String>;

    #[inline(always)]
    fn facts<'r>(request: &'r Whole<String>) -> S::Facts<'r> {
        S::of(request)
    }
}

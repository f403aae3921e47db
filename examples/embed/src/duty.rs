//! Obligations that this service knows. One that it does not know refuses the call.

use serde::Deserialize;
use serde_json::Value;
use tollgate_evaluator::{Decision, Effect};

use crate::{Host, ToolCall};

/// An obligation, read from the decision's JSON: an unknown name, or arguments that are not these, is no duty.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "name", content = "args", rename_all = "snake_case", deny_unknown_fields)]
pub enum Duty {
    /// A person must approve.
    Approval(Approval),
    /// The decision is kept.
    Audit {
        /// How much of it.
        level: String,
    },
    /// A channel is told.
    Notify {
        /// Which.
        channel: String,
    },
    /// A part of the result is not shown to the agent.
    Redact {
        /// Which, as a JSON pointer.
        path: String,
    },
    /// An argument is replaced before the call.
    SetArg {
        /// Which, as a JSON pointer.
        path: String,
        /// What it becomes.
        value: Value,
    },
}

/// Who must approve a call.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// The groups, of one of which the person must be.
    pub from: Vec<String>,
    /// For how long the question stands, such as `15m`.
    pub within: String,
    /// How soon somebody should look: `low`, `normal` or `high`.
    pub priority: String,
}

/// Whether the call may be made.
pub(crate) enum BeforeCall {
    /// It may, with those arguments.
    Go(Value),
    /// It may not, for that reason.
    Stop(String),
}

/// The decision's obligations; `None` where one of them is unknown.
pub(crate) fn duties(decision: &Decision) -> Option<Vec<Duty>> {
    #[derive(Deserialize)]
    struct Duties {
        obligations: Vec<Duty>,
    }
    if decision.obligations().len() == 0 {
        return Some(Vec::new());
    }
    serde_json::from_str(&decision.to_json()).ok().map(|duties: Duties| duties.obligations)
}

/// Does what must be done before the call.
pub(crate) fn before_call(duties: &[Duty], decision: &Decision, call: &ToolCall<'_>, reasons: &[String], host: &mut dyn Host) -> BeforeCall {
    let stop = |why: &str| BeforeCall::Stop(why.to_owned());
    let mut args = call.args.clone();
    let mut approved = false;
    for duty in duties {
        match duty {
            Duty::Audit { level } if !host.audit(level, &decision.to_json()) => return stop("the decision could not be kept"),
            Duty::Notify { channel } if !host.notify(channel, &reasons.join("; ")) => return stop("nobody could be told"),
            Duty::SetArg { path, value } if !set(&mut args, path, value) => return stop("an argument could not be replaced"),
            Duty::Approval(wanted) if decision.effect() != Effect::Deny => {
                if !host.approve(call, reasons, wanted) {
                    return stop("nobody approved it");
                }
                approved = true;
            }
            _ => {}
        }
    }
    if decision.effect() == Effect::Review && !approved {
        return stop("it needs an approval, and the policy names nobody to ask");
    }
    BeforeCall::Go(args)
}

/// Does what must be done with the result.
pub(crate) fn after_call(duties: &[Duty], mut result: Value) -> Value {
    for duty in duties {
        if let Duty::Redact { path } = duty
            && let Some(part) = result.pointer_mut(path)
        {
            *part = Value::String("[redacted]".to_owned());
        }
    }
    result
}

/// Puts a value where a JSON pointer points: into an object that is there, under a key that may be new.
fn set(args: &mut Value, path: &str, value: &Value) -> bool {
    let Some((parent, key)) = path.rsplit_once('/') else { return false };
    let key = key.replace("~1", "/").replace("~0", "~");
    match args.pointer_mut(parent).and_then(Value::as_object_mut) {
        Some(object) => {
            object.insert(key, value.clone());
            true
        }
        None => false,
    }
}

//! Errors of the host's calls. A decision is never an error; see [`crate::Decision`].

use std::fmt;

use tollgate_stdlib::EvalError;

/// Why a plan cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// The bytes are no plan at all.
    NoPlan,
    /// The plan has another version of the format.
    Version(u32),
    /// Bytes are missing, added or changed.
    Damaged,
    /// The plan contradicts itself, goes beyond a bound, or needs a function that this build has not: what is wrong.
    Invalid(String),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadError::NoPlan => f.write_str("not a compiled policy"),
            LoadError::Version(version) => {
                write!(f, "the plan has format {version}, this build reads format {}: build it again", crate::plan::FORMAT)
            }
            LoadError::Damaged => f.write_str("the plan is damaged"),
            LoadError::Invalid(what) => write!(f, "the plan is invalid: {what}"),
        }
    }
}

impl std::error::Error for LoadError {}

/// Why data or a session's facts cannot be bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DataError {
    /// The policy declares no data of that name.
    Unknown(String),
    /// Several packages declare data of that name, which is therefore bound by full name: these.
    Ambiguous(String, Vec<String>),
    /// The JSON does not fit the type.
    Misfit {
        /// The data's name.
        name: String,
        /// Where in the JSON; empty for its root.
        path: String,
        /// What was expected, and what came.
        message: String,
    },
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DataError::Unknown(name) => write!(f, "the policy declares no data `{name}`"),
            DataError::Ambiguous(name, full) => write!(f, "`{name}` may be any of `{}`: give the full name", full.join("`, `")),
            DataError::Misfit { name, path, message } if path.is_empty() => write!(f, "data `{name}`: {message}"),
            DataError::Misfit { name, path, message } => write!(f, "data `{name}`, at `{path}`: {message}"),
        }
    }
}

impl std::error::Error for DataError {}

/// Why [`crate::Engine::evaluate`] or [`crate::Engine::query`] gives no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EvaluateError {
    /// The policy has no definition without parameters and no score of that name.
    Unknown(String),
    /// Several packages have one of that name: these.
    Ambiguous(String, Vec<String>),
    /// A query was asked with another number of values than it has parameters.
    Parameters,
    /// Data without a default is not bound.
    Unbound(String),
    /// The request does not fit its types.
    Input {
        /// Where in the JSON; empty for its root.
        path: String,
        /// What was expected, and what came.
        message: String,
    },
    /// The expression has no value.
    Evaluation(EvalError),
}

impl fmt::Display for EvaluateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EvaluateError::Unknown(name) => write!(f, "the policy has no value `{name}`"),
            EvaluateError::Ambiguous(name, full) => write!(f, "`{name}` may be any of `{}`: give the full name", full.join("`, `")),
            EvaluateError::Parameters => f.write_str("the query has another number of parameters"),
            EvaluateError::Unbound(name) => write!(f, "data `{name}` is not bound"),
            EvaluateError::Input { path, message } if path.is_empty() => write!(f, "input: {message}"),
            EvaluateError::Input { path, message } => write!(f, "input, at `{path}`: {message}"),
            EvaluateError::Evaluation(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for EvaluateError {}

impl From<EvalError> for EvaluateError {
    fn from(error: EvalError) -> EvaluateError {
        EvaluateError::Evaluation(error)
    }
}

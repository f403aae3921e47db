//! One tool call, as long as is asked for.

use crate::random::Random;
use crate::text_of;

/// How the call's long text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    /// Without escapes.
    Plain,
    /// With quotation marks and line ends here and there.
    Escaped,
}

/// A call of about that many bytes, at least 250, most of them one text: an argument named `body`.
pub fn call(bytes: usize, text: Text) -> String {
    let mut random = Random::new(41);
    let body = text_of(&mut random, bytes.saturating_sub(250), text == Text::Escaped);
    format!(
        concat!(
            r#"{{"agent":{{"id":"agent-00017","role":"role_03","team":"team_11"}},"user":{{"id":"user-00042","groups":["group_07","staff"]}},"#,
            r#""tool":{{"server":"server_04","name":"tool_000064"}},"args":{{"recipient":"contact.0039@domain-16.example","size":4711,"body":"{}"}},"#,
            r#""context":{{"environment":"prod","priority":2}}}}"#
        ),
        body
    )
}

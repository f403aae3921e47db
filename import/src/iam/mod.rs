//! AWS IAM policy documents as rules.
//!
//! `document` reads documents out of what holds them, `statement` their statements, `string` takes IAM's wildcards and variables apart. `matching`,
//! `principal` and `condition` say in the language what a statement asks of a request; `policy` puts the rules together, and `helpers` has the functions
//! that they call.
//!
//! Where IAM does not say what happens, an `Allow` statement matches less and a `Deny` statement more: see [`Bound`].

mod condition;
mod document;
mod helpers;
mod matching;
mod operator;
mod policy;
mod principal;
mod rule;
mod statement;
mod string;
mod words;

use crate::{Import, Note, Source, Unreadable};
use document::Document;

/// Documents by what they are to a request.
#[derive(Clone, Debug, Default)]
pub struct Documents<'a> {
    /// Attached to the principal: one must allow, none may deny. Those that name principals are taken as attached to a resource.
    pub policies: Vec<Source<'a>>,
    /// Attached to resources.
    pub resources: Vec<Attached<'a>>,
    /// Permissions boundaries: one of them must allow too.
    pub boundaries: Vec<Source<'a>>,
    /// Service control policies by level of the organisation: at each level one must allow too.
    pub control: Vec<Vec<Source<'a>>>,
    /// Resource control policies by level of the organisation of the resource: at each level one must allow too.
    pub resource_control: Vec<Vec<Source<'a>>>,
    /// Session policies: one of them must allow too.
    pub session: Vec<Source<'a>>,
    /// The ARNs of those whom `policies` are attached to; of nobody where they are of whoever asks.
    pub principals: Vec<&'a str>,
}

/// A resource-based policy.
#[derive(Clone, Copy, Debug)]
pub struct Attached<'a> {
    /// The policy.
    pub source: Source<'a>,
    /// The ARN of the resource that it is attached to, where that is known. Without it, statements about `*` allow nothing.
    pub to: Option<&'a str>,
}

/// To which side a condition may be off, where IAM's own answer is not known or cannot be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    /// It never holds where IAM's does not: for what allows.
    Within,
    /// It always holds where IAM's does: for what denies.
    Beyond,
}

impl Bound {
    /// That of a condition of which the negation has this one.
    fn negated(self) -> Bound {
        match self {
            Bound::Within => Bound::Beyond,
            Bound::Beyond => Bound::Within,
        }
    }
}

/// The documents, read.
#[derive(Debug, Default)]
struct Sets {
    identity: Vec<Document>,
    resources: Vec<(Document, Option<String>)>,
    boundaries: Vec<Document>,
    control: Vec<Vec<Document>>,
    resource_control: Vec<Vec<Document>>,
    session: Vec<Document>,
    principals: Vec<String>,
}

/// The documents as one policy, in one package.
///
/// # Errors
///
/// Where a source holds no policy of IAM.
pub fn import(documents: &Documents, package: Option<&str>) -> Result<Import, Unreadable> {
    let mut notes = Vec::new();
    let sets = Sets::read(documents, &mut notes)?;
    let sources: Vec<&str> = documents.all().map(|source| source.name).collect();
    policy::written(&sets, &sources, package, notes)
}

impl<'a> Documents<'a> {
    fn all(&self) -> impl Iterator<Item = Source<'a>> {
        let resources = self.resources.iter().map(|attached| attached.source);
        let control = self.control.iter().chain(&self.resource_control).flatten().copied();
        self.policies.iter().copied().chain(resources).chain(self.boundaries.iter().copied()).chain(control).chain(self.session.iter().copied())
    }
}

impl Sets {
    /// How many statements there are.
    fn len(&self) -> usize {
        let resources = self.resources.iter().map(|(document, _)| document);
        let control = self.control.iter().chain(&self.resource_control).flatten();
        let all = self.identity.iter().chain(resources).chain(&self.boundaries).chain(control).chain(&self.session);
        all.map(|document| document.statements.len()).sum()
    }

    fn read(documents: &Documents, notes: &mut Vec<Note>) -> Result<Sets, Unreadable> {
        let mut sets = Sets::default();
        for source in &documents.policies {
            for document in document::read(*source, notes)? {
                if document.names_principals() { sets.resources.push((document, None)) } else { sets.identity.push(document) }
            }
        }
        for Attached { source, to } in &documents.resources {
            let read = document::read(*source, notes)?;
            sets.resources.extend(read.into_iter().map(|document| (document, to.map(str::to_owned))));
        }
        let mut all = |sources: &[Source<'_>]| -> Result<Vec<Document>, Unreadable> {
            let mut read = Vec::new();
            for source in sources {
                read.extend(document::read(*source, notes)?);
            }
            Ok(read)
        };
        sets.boundaries = all(&documents.boundaries)?;
        sets.control = documents.control.iter().map(|level| all(level)).collect::<Result<_, _>>()?;
        sets.resource_control = documents.resource_control.iter().map(|level| all(level)).collect::<Result<_, _>>()?;
        sets.session = all(&documents.session)?;
        for arn in &documents.principals {
            if !arn.starts_with("arn:") || arn.contains(['*', '?']) || arn.split(':').count() < 6 {
                return Err(Unreadable::new(arn, "", "it is no ARN of a user or role"));
            }
            sets.principals.push((*arn).to_owned());
        }
        Ok(sets)
    }
}

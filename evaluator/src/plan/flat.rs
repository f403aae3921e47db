//! Trees of the plan as flat lists of bytes, so that reading a hostile plan cannot recurse without bound.

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Condition, Kept, Layout, NodeId, SlotId, Text};

/// How deep a tree may be; what is deeper is left out when written and refused when read.
pub const MAX_TREE_DEPTH: u8 = 100;

/// A node with children of its own kind.
pub trait Tree: Sized {
    /// What it is apart from its children.
    type Head: Serialize + DeserializeOwned;

    /// Itself without its children.
    fn head(&self) -> Self::Head;

    /// Its children.
    fn children(&self) -> &[Self];

    /// Both put together again.
    fn join(head: Self::Head, children: Vec<Self>) -> Self;
}

impl Tree for Condition {
    type Head = (NodeId, Text);

    fn head(&self) -> Self::Head {
        (self.node, self.text.clone())
    }

    fn children(&self) -> &[Self] {
        &self.parts
    }

    fn join((node, text): Self::Head, parts: Vec<Self>) -> Self {
        Condition { node, text, parts }
    }
}

impl Tree for Kept {
    type Head = (u32, Option<SlotId>);

    fn head(&self) -> Self::Head {
        (self.field, self.slot)
    }

    fn children(&self) -> &[Self] {
        &self.inner.fields
    }

    fn join((field, slot): Self::Head, fields: Vec<Self>) -> Self {
        Kept { field, slot, inner: Layout { fields } }
    }
}

/// Writes the trees in preorder, each node with its depth.
pub fn serialize<T: Tree, S: Serializer>(trees: &[T], serializer: S) -> Result<S::Ok, S::Error> {
    rows(trees).serialize(serializer)
}

/// The trees in preorder, each node with its depth.
pub fn rows<T: Tree>(trees: &[T]) -> Vec<(u8, T::Head)> {
    let mut rows = Vec::new();
    flatten(trees, 0, &mut rows);
    rows
}

fn flatten<T: Tree>(trees: &[T], depth: u8, rows: &mut Vec<(u8, T::Head)>) {
    if depth == MAX_TREE_DEPTH {
        return;
    }
    for tree in trees {
        rows.push((depth, tree.head()));
        flatten(tree.children(), depth + 1, rows);
    }
}

/// Reads what [`serialize`] wrote.
pub fn deserialize<'de, T: Tree, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    let rows = Vec::<(u8, T::Head)>::deserialize(deserializer)?;
    join(rows.into_iter().map(Ok))
}

/// The trees of which [`rows`] gave the rows.
pub fn join<T: Tree, E: Error>(rows: impl Iterator<Item = Result<(u8, T::Head), E>>) -> Result<Vec<T>, E> {
    let mut open: Vec<(T::Head, Vec<T>)> = Vec::new();
    let mut roots = Vec::new();
    for row in rows {
        let (depth, head) = row?;
        if usize::from(depth) > open.len() || depth >= MAX_TREE_DEPTH {
            return Err(E::custom("a tree that is none"));
        }
        close(&mut open, &mut roots, usize::from(depth));
        open.push((head, Vec::new()));
    }
    close(&mut open, &mut roots, 0);
    Ok(roots)
}

/// Hands finished nodes to their parents until `depth` are open.
fn close<T: Tree>(open: &mut Vec<(T::Head, Vec<T>)>, roots: &mut Vec<T>, depth: usize) {
    while open.len() > depth {
        let Some((head, children)) = open.pop() else { return };
        let tree = T::join(head, children);
        match open.last_mut() {
            Some((_, siblings)) => siblings.push(tree),
            None => roots.push(tree),
        }
    }
}

//! Texts as a compressed trie: which of them another text begins, or ends, with.

use super::short;
use crate::plan::index;

/// Texts in a trie, each with its number. Finding takes as long as the text is, however many there are.
#[derive(Debug, Default)]
pub(super) struct Trie {
    nodes: Vec<Node>,
    /// The first byte of each node's label, by which it is found among its siblings.
    firsts: Vec<u8>,
    labels: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    /// What stands between its parent and it: a part of `labels`.
    label: (u32, u32),
    /// Its children: nodes one after the other.
    children: (u32, u32),
    /// The number of the text that ends here.
    number: u32,
}

const NO_NUMBER: u32 = u32::MAX;

/// Texts that begin alike, and how they begin, on the way to a node.
struct Pending {
    node: usize,
    from: usize,
    to: usize,
    depth: usize,
}

impl Trie {
    /// The trie of those texts; each text once.
    pub fn new(mut texts: Vec<(Vec<u8>, u32)>) -> Trie {
        texts.sort_unstable();
        let mut trie = Trie::default();
        trie.push();
        let mut pending = vec![Pending { node: 0, from: 0, to: texts.len(), depth: 0 }];
        // Siblings come to stand side by side, and what is below one of them near each other.
        while let Some(next) = pending.pop() {
            trie.fill(&texts, next, &mut pending);
        }
        trie
    }

    fn push(&mut self) {
        self.nodes.push(Node { label: (0, 0), children: (0, 0), number: NO_NUMBER });
        self.firsts.push(0);
    }

    fn fill(&mut self, texts: &[(Vec<u8>, u32)], pending: Pending, more: &mut Vec<Pending>) {
        let Pending { node, from, to, depth } = pending;
        let group = texts.get(from..to).unwrap_or_default();
        let (Some((first, number)), Some((last, _))) = (group.first(), group.last()) else { return };
        let end = common(first, last);
        let label = first.get(depth..end).unwrap_or_default();
        let start = self.labels.len();
        self.labels.extend_from_slice(label);
        let ends_here = first.len() == end;
        let mut from = from + usize::from(ends_here);
        let children = self.nodes.len();
        while let Some(byte) = texts.get(from..to).and_then(|rest| rest.first()?.0.get(end)).copied() {
            let rest = texts.get(from..to).unwrap_or_default();
            let count = rest.partition_point(|(text, _)| text.get(end) == Some(&byte));
            more.push(Pending { node: self.nodes.len(), from, to: from + count, depth: end });
            self.push();
            from += count;
        }
        let count = self.nodes.len() - children;
        if let (Some(own), Some(byte)) = (self.nodes.get_mut(node), self.firsts.get_mut(node)) {
            *byte = label.first().copied().unwrap_or_default();
            *own = Node {
                label: (short(start), short(label.len())),
                children: (short(children), short(count)),
                number: if ends_here { *number } else { NO_NUMBER },
            };
        }
    }

    /// Calls back with the number of each text that the bytes begin with, shortest first.
    pub fn starts(&self, bytes: &[u8], found: impl FnMut(u32)) {
        self.follow(bytes, |rest, label| rest.strip_prefix(label), |rest| rest.first().copied(), found);
    }

    /// The same for texts that were put in backwards, [`Trie::turned`]: which of them the bytes end with.
    pub fn ends(&self, bytes: &[u8], found: impl FnMut(u32)) {
        self.follow(bytes, |rest, label| rest.strip_suffix(label), |rest| rest.last().copied(), found);
    }

    fn follow<'b>(
        &self,
        bytes: &'b [u8],
        strip: impl Fn(&'b [u8], &[u8]) -> Option<&'b [u8]>,
        next_byte: impl Fn(&[u8]) -> Option<u8>,
        mut found: impl FnMut(u32),
    ) {
        let (mut rest, mut next) = (bytes, self.nodes.first());
        while let Some(node) = next {
            let (start, length) = (index(node.label.0), index(node.label.1));
            let label = self.labels.get(start..start + length).unwrap_or_default();
            let Some(after) = strip(rest, label) else { return };
            if node.number != NO_NUMBER {
                found(node.number);
            }
            rest = after;
            next = next_byte(rest).and_then(|byte| self.child(*node, byte));
        }
    }

    /// The same trie to be followed from the end of texts.
    pub fn turned(mut self) -> Trie {
        for node in &self.nodes {
            let (start, length) = (index(node.label.0), index(node.label.1));
            self.labels.get_mut(start..start + length).unwrap_or_default().reverse();
        }
        self
    }

    fn child(&self, node: Node, byte: u8) -> Option<&Node> {
        let (start, count) = (index(node.children.0), index(node.children.1));
        let place = self.firsts.get(start..start + count)?.iter().position(|first| *first == byte)?;
        self.nodes.get(start + place)
    }
}

/// How many bytes two texts begin with in common.
fn common(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_text_that_is_a_start() {
        let texts = ["", "a", "ab", "abc", "abd", "b", "https://a.example/", "https://a.example/x", "https://b.example/", "é"];
        let trie = Trie::new(texts.iter().zip(0..).map(|(text, number)| (text.as_bytes().to_vec(), number)).collect());
        for text in ["", "a", "abcd", "abx", "https://a.example/xy", "https://b.example", "c", "éa", "ba"] {
            let expected: Vec<&str> = texts.iter().copied().filter(|start| text.starts_with(start)).collect();
            let mut found: Vec<&str> = Vec::new();
            trie.starts(text.as_bytes(), |number| found.extend(texts.get(index(number))));
            found.sort_unstable();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn finds_every_text_that_is_an_end() {
        let texts = ["", "m", "@a.com", "@b.com", ".com", "com", "@b.org"];
        let backwards = |text: &str| text.bytes().rev().collect();
        let trie = Trie::new(texts.iter().zip(0..).map(|(text, number)| (backwards(text), number)).collect()).turned();
        for text in ["", "x@a.com", "@b.com", "b.com", "x@b.org", "a", "m"] {
            let expected: Vec<&str> = ["", "m", "com", ".com", "@a.com", "@b.com", "@b.org"].into_iter().filter(|end| text.ends_with(end)).collect();
            let mut found: Vec<&str> = Vec::new();
            trie.ends(text.as_bytes(), |number| found.extend(texts.get(index(number))));
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn a_deep_chain_is_no_recursion() {
        let texts: Vec<(Vec<u8>, u32)> = (0..5000_u32).map(|length| (vec![b'a'; index(length)], length)).collect();
        let trie = Trie::new(texts);
        let mut count = 0;
        trie.starts(&[b'a'; 10_000], |_| count += 1);
        assert_eq!(count, 5000);
    }

    #[test]
    fn nothing_is_found_in_nothing() {
        let mut found = Vec::new();
        Trie::new(Vec::new()).starts(b"a", |number| found.push(number));
        assert!(found.is_empty());
    }
}

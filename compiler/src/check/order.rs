//! The order in which definitions are checked: each after those it refers to. Cycles are found here, before anything recurses.

/// Sorts the nodes `0..edges.len()` so that every node comes after those that its edges name; the strongly connected components with a cycle
/// are given apart. (Tarjan, "Depth-first search and linear graph algorithms", 1972; iterative, since policies may chain definitions at will.)
pub fn dependency_order(edges: &[Vec<usize>]) -> (Vec<usize>, Vec<Vec<usize>>) {
    let mut search = Search {
        edges,
        index: vec![None; edges.len()],
        low: vec![0; edges.len()],
        on_stack: vec![false; edges.len()],
        stack: Vec::new(),
        next: 0,
        order: Vec::new(),
        cycles: Vec::new(),
    };
    for node in 0..edges.len() {
        if search.index.get(node).copied().flatten().is_none() {
            search.visit(node);
        }
    }
    (search.order, search.cycles)
}

struct Search<'e> {
    edges: &'e [Vec<usize>],
    index: Vec<Option<usize>>,
    low: Vec<usize>,
    on_stack: Vec<bool>,
    stack: Vec<usize>,
    next: usize,
    order: Vec<usize>,
    cycles: Vec<Vec<usize>>,
}

impl Search<'_> {
    fn visit(&mut self, root: usize) {
        let mut path = vec![(root, 0)];
        self.enter(root);
        while let Some((node, edge)) = path.pop() {
            match self.edges.get(node).and_then(|edges| edges.get(edge)).copied() {
                Some(target) => {
                    path.push((node, edge + 1));
                    match self.index.get(target).copied() {
                        Some(None) => {
                            self.enter(target);
                            path.push((target, 0));
                        }
                        Some(Some(index)) if self.is_on_stack(target) => self.lower(node, index),
                        _ => {}
                    }
                }
                None => {
                    self.leave(node);
                    if let Some((parent, _)) = path.last().copied() {
                        self.lower(parent, self.low.get(node).copied().unwrap_or(0));
                    }
                }
            }
        }
    }

    fn enter(&mut self, node: usize) {
        set(&mut self.index, node, Some(self.next));
        set(&mut self.low, node, self.next);
        set(&mut self.on_stack, node, true);
        self.stack.push(node);
        self.next += 1;
    }

    fn leave(&mut self, node: usize) {
        if self.index.get(node).copied().flatten() != self.low.get(node).copied() {
            return;
        }
        let start = self.stack.iter().rposition(|other| *other == node).unwrap_or(0);
        let component = self.stack.split_off(start);
        for member in &component {
            set(&mut self.on_stack, *member, false);
        }
        let refers_to_itself = self.edges.get(node).is_some_and(|edges| edges.contains(&node));
        if component.len() > 1 || refers_to_itself {
            self.cycles.push(component.clone());
        }
        self.order.extend(component);
    }

    fn is_on_stack(&self, node: usize) -> bool {
        self.on_stack.get(node).copied().unwrap_or(false)
    }

    fn lower(&mut self, node: usize, to: usize) {
        if let Some(low) = self.low.get_mut(node) {
            *low = (*low).min(to);
        }
    }
}

fn set<T>(list: &mut [T], index: usize, value: T) {
    if let Some(slot) = list.get_mut(index) {
        *slot = value;
    }
}

#[cfg(test)]
mod tests {
    use super::dependency_order;

    #[test]
    fn orders_by_dependency() {
        let (order, cycles) = dependency_order(&[vec![1, 2], vec![2], vec![]]);
        assert_eq!(order, [2, 1, 0]);
        assert!(cycles.is_empty());
    }

    #[test]
    fn finds_cycles() {
        let (order, cycles) = dependency_order(&[vec![1], vec![0], vec![2], vec![]]);
        assert_eq!(order.len(), 4);
        assert_eq!(cycles, [vec![0, 1], vec![2]]);
    }

    #[test]
    fn long_chains_do_not_recurse() {
        let edges: Vec<Vec<usize>> = (0..100_000).map(|node| if node == 0 { vec![] } else { vec![node - 1] }).collect();
        assert_eq!(dependency_order(&edges).0.len(), 100_000);
    }
}

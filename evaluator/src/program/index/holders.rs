//! Which data hold a value: their elements turned round, once for each version of the data.

use std::sync::Arc;

use tollgate_stdlib::{Kept, Value};

use super::table::Scalars;
use crate::eval::is_in;
use crate::plan::index;

/// Sets and maps of more elements than this are asked one by one, which costs a look-up each: turning them round takes room in proportion to their
/// elements, and a policy has few that are so large.
const MAX_TURNED: usize = 4096;

/// For every value the data that hold it, among those that rules are filed under.
#[derive(Debug, Default)]
pub(crate) struct Holders {
    elements: Scalars,
    /// By the numbers of the elements.
    data: Vec<Vec<u32>>,
    /// What is not turned round.
    large: Vec<u32>,
}

impl Holders {
    /// Turns round what those data are bound to.
    pub fn new(asked: &[u32], values: &[Option<Arc<Kept>>]) -> Holders {
        let mut holders = Holders::default();
        for id in asked {
            match values.get(index(*id)).and_then(Option::as_deref) {
                Some(Kept::List(items)) => items.iter().for_each(|item| holders.add(*id, item.view())),
                Some(Kept::Set(set)) if set.items().len() <= MAX_TURNED => set.items().iter().for_each(|item| holders.add(*id, item.view())),
                Some(Kept::Map(map)) if map.entries().len() <= MAX_TURNED => {
                    map.entries().iter().for_each(|(key, _)| holders.add(*id, Value::Str(key)));
                }
                _ => holders.large.push(*id),
            }
        }
        holders
    }

    fn add(&mut self, id: u32, element: Value<'_>) {
        let Some(place) = self.elements.add(element).map(index) else { return };
        if self.data.len() <= place {
            self.data.resize_with(place + 1, Vec::new);
        }
        if let Some(data) = self.data.get_mut(place)
            && data.last() != Some(&id)
        {
            data.push(id);
        }
    }

    /// Calls back with the numbers of the data that hold a value.
    pub fn of(&self, value: Value<'_>, values: &[Option<Arc<Kept>>], found: &mut dyn FnMut(u32)) {
        if let Some(data) = self.elements.number(value).and_then(|place| self.data.get(index(place))) {
            data.iter().for_each(|id| found(*id));
        }
        let holds = |id: &u32| values.get(index(*id)).and_then(Option::as_deref).is_some_and(|of| is_in(value, of.view()));
        self.large.iter().filter(|id| holds(id)).for_each(|id| found(*id));
    }
}

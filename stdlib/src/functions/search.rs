//! Where a text occurs in another.

/// Texts below so many bytes are searched byte by byte, for which nothing is set up; longer ones in time that grows with their length alone.
const SHORT: usize = 20;

/// Whether a text has that part.
pub fn contains(text: &str, part: &str) -> bool {
    if text.len() < SHORT { find_in_short(text, part).is_some() } else { text.contains(part) }
}

/// Where that part first begins, in bytes.
pub fn find(text: &str, part: &str) -> Option<usize> {
    match text.len() {
        0..SHORT => find_in_short(text, part),
        // That there is none, as most often, is found out faster than where it is.
        _ if text.contains(part) => text.find(part),
        _ => None,
    }
}

fn find_in_short(text: &str, part: &str) -> Option<usize> {
    let Some((first, rest)) = part.as_bytes().split_first() else { return Some(0) };
    let mut left = text.as_bytes();
    while let Some(place) = left.iter().position(|byte| byte == first) {
        let (_, after) = left.split_at_checked(place + 1)?;
        if after.starts_with(rest) {
            return Some(text.len() - after.len() - 1);
        }
        left = after;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_in_texts_of_any_length() {
        let parts = ["", "a", "aab", "aaa", "ß", "bé", "é", "aabaabaabaabaabaabaabaabaabaabaabb"];
        for text in ["", "a", "aab", "aaaaab", "maßstab", "abéa", "aabaabaabaabaabaabaabaabaabaabaabaabb"] {
            for longer in [String::new(), "z".repeat(SHORT)] {
                let text = format!("{longer}{text}");
                for part in parts {
                    assert_eq!(find(&text, part), text.find(part), "{part:?} in {text:?}");
                    assert_eq!(contains(&text, part), text.contains(part), "{part:?} in {text:?}");
                }
            }
        }
    }
}

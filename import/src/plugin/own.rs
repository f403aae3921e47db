//! The plugins and servers of an import, by whose names hosts' names for the tools of MCP servers are read.

use std::collections::{HashMap, HashSet};

/// The longest name of a tool that is read: a name is held against each beginning of it.
const LONGEST: usize = 512;

/// The names of plugins and of their servers.
#[derive(Clone, Debug, Default)]
pub struct Own {
    /// Servers as hosts write them in names of tools, with their names; none where two are written so.
    servers: HashMap<String, Option<String>>,
    /// Plugins as hosts write them.
    plugins: HashSet<String>,
}

impl Own {
    /// Adds a plugin with its servers.
    pub fn add<'s>(&mut self, plugin: &str, servers: impl IntoIterator<Item = &'s str>) {
        self.plugins.insert(written(plugin));
        for server in servers {
            for written in [written(server), format!("plugin_{}_{}", written(plugin), written(server))] {
                let known = self.servers.entry(written).or_insert_with(|| Some(server.to_owned()));
                known.take_if(|known| known != server);
            }
        }
    }

    /// The server, and the tool where one is named, of what stands behind `mcp__`. What a plugin's own server has is called `plugin_PLUGIN_SERVER__TOOL` by some
    /// hosts. The last says that it may as well be another: nobody has told which part of that is the server, or two are written so.
    pub fn parts<'n>(&self, name: &'n str) -> Option<(String, Option<&'n str>, bool)> {
        if name.len() > LONGEST {
            return None;
        }
        let ends = name.match_indices("__").map(|(at, _)| at).chain([name.len()]);
        let known = ends.filter_map(|end| Some((self.servers.get(name.get(..end)?)?, end))).last();
        if let Some((server, end)) = known {
            let written = || name.get(..end).unwrap_or_default().to_owned();
            return Some((server.clone().unwrap_or_else(written), name.get(end + 2..), server.is_none()));
        }
        let (server, tool) = name.split_once("__").map_or((name, None), |(server, tool)| (server, Some(tool)));
        let Some(own) = server.strip_prefix("plugin_") else { return Some((server.to_owned(), tool, false)) };
        let cuts: Vec<(&str, &str)> = own.match_indices('_').filter_map(|(at, _)| Some((own.get(..at)?, own.get(at + 1..)?))).collect();
        let of_plugin = cuts.iter().rev().find(|(plugin, _)| self.plugins.contains(*plugin)).map(|(_, server)| (*server).to_owned());
        let of_server = || cuts.iter().find_map(|(_, server)| self.servers.get(*server).cloned().flatten());
        match of_plugin.or_else(of_server) {
            Some(server) => Some((server, tool, false)),
            None => Some((cuts.first().map_or(server, |(_, server)| *server).to_owned(), tool, cuts.len() > 1)),
        }
    }
}

/// A name as hosts write it in that of a tool.
fn written(name: &str) -> String {
    name.chars().map(|letter| if letter.is_ascii_alphanumeric() || letter == '-' { letter } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::Own;

    #[test]
    fn names_with_underscores_are_those_that_are_known() {
        let mut own = Own::default();
        own.add("my_kit", ["cloud", "my.db", "a__b"]);
        own.add("my", ["kit_cloud_2"]);
        let mut more = own.clone();
        more.add("my", ["kit_cloud", "my_db"]);
        let read = |own: &Own, name: &str| own.parts(name).map(|(server, tool, is_doubtful)| (server, tool.unwrap_or("-").to_owned(), is_doubtful));
        let parts = |name: &str| read(&own, name).unwrap();
        let of = |server: &str, tool: &str, is_doubtful: bool| (server.to_owned(), tool.to_owned(), is_doubtful);
        assert_eq!(parts("plugin_my_kit_cloud__deploy"), of("cloud", "deploy", false));
        assert_eq!(parts("plugin_my_kit_cloud_2__deploy"), of("kit_cloud_2", "deploy", false));
        assert_eq!(parts("plugin_my_kit_cloud_3__deploy"), of("cloud_3", "deploy", false));
        assert_eq!(parts("plugin_my_kit_my_db__query__all"), of("my.db", "query__all", false));
        assert_eq!(parts("a__b__c"), of("a__b", "c", false));
        assert_eq!(parts("plugin_other_kit_cloud"), of("cloud", "-", false));
        assert_eq!(parts("plugin_x_y__z"), of("y", "z", false));
        assert_eq!(parts("plugin_x_y_w__z"), of("y_w", "z", true));
        assert!(["plugin_my_kit_cloud__deploy", "my_db__x"].iter().all(|name| read(&more, name).unwrap().2));
        assert!(own.parts(&"_".repeat(100_000)).is_none());
    }
}
